import { cmd, StateMachine } from 'decoraft';

class Parser {
  constructor(private readonly separator: string) {}

  parse(text: string): string[] {
    const parts: string[] = [];
    for (const part of text.split(this.separator)) parts.push(part.trim());
    return parts;
  }
}

const parser = new Parser(',');

export class FineGlobal20 extends StateMachine {
  private words: string[] = [];

  @cmd read(text: string): void {
    this.words = parser.parse(text);
  }
}
