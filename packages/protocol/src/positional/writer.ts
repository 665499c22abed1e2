import { FORM } from './limits.js';

const FIRST_ROOM_BYTES = 4_096;

/** Where the functions of `write.ts` write: bytes that grow, and what is counted of them. */
export class PositionalWriter {
  bytes = new Uint8Array(FIRST_ROOM_BYTES);
  view = new DataView(this.bytes.buffer);
  /** Where the next byte goes. */
  at = 0;
  /** Values so far, with the keys of objects. */
  items = 1;
  /** How many containers are open; the list of arguments is one. */
  depth = 1;

  begin(): void {
    this.at = 0;
    this.items = 1;
    this.depth = 1;
  }

  /** To be called before `bytes` more are written. */
  ensureRoom(bytes: number): void {
    const needed = this.at + bytes;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.at));
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }

  byte(value: number): void {
    this.ensureRoom(1);
    this.bytes[this.at++] = value;
  }

  /** A whole number from 0 to 2^48 - 1 in its shortest form. */
  number(value: number): void {
    this.ensureRoom(7);
    if (value < FORM.twoBytes) {
      this.bytes[this.at++] = value;
    } else if (value < 0x1_0000) {
      this.bytes[this.at] = FORM.twoBytes;
      this.view.setUint16(this.at + 1, value);
      this.at += 3;
    } else if (value < 0x1_0000_0000) {
      this.bytes[this.at] = FORM.fourBytes;
      this.view.setUint32(this.at + 1, value);
      this.at += 5;
    } else {
      this.bytes[this.at] = FORM.sixBytes;
      this.view.setUint16(this.at + 1, value / 0x1_0000_0000);
      this.view.setUint32(this.at + 3, value >>> 0);
      this.at += 7;
    }
  }
}

/** How many bytes {@link PositionalWriter.number} takes. */
export function lengthOfNumber(value: number): number {
  if (value < FORM.twoBytes) return 1;
  if (value < 0x1_0000) return 3;
  return value < 0x1_0000_0000 ? 5 : 7;
}
