import { cmd, StateMachine } from 'decoraft';

export class FineIo2 extends StateMachine {
  private files = new Map<string, string>();

  @cmd write(path: string, text: string): string {
    const fs = { writeFileSync: (name: string, data: string) => this.files.set(name, data) };
    fs.writeFileSync(path, text);
    return path;
  }
}
