import { cmd, StateMachine } from 'decoraft';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

export class FineIo5 extends StateMachine {
  private texts: string[] = [];

  @cmd add(text: string): void {
    this.texts.push(text);
  }
}

export async function send(add: (text: string) => Promise<void>, path: string): Promise<void> {
  await add(`${hostname()} ${readFileSync(path, 'utf8')}`);
  console.log(process.env['HOME'], import.meta.url);
}
