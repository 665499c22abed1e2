import { cmd, StateMachine } from 'decoraft';

export class FineLocale1 extends StateMachine {
  private names = new Set<string>();

  @cmd add(name: string): void {
    this.names.add(name.toLowerCase().normalize('NFC').trim().padStart(3));
    this.names.add(name.toUpperCase());
  }
}
