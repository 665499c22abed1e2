import { cmd, StateMachine } from 'decoraft';

export class FineQuery8 extends StateMachine {
  private bytes = new Uint8Array(0);

  @cmd append(text: string): number {
    const more = new TextEncoder().encode(text);
    const bytes = new Uint8Array(this.bytes.length + more.length);
    bytes.set(this.bytes);
    bytes.set(more, this.bytes.length);
    new DataView(bytes.buffer).setUint8(0, 1);
    this.bytes = bytes;
    return encodeURIComponent(text).length;
  }
}
