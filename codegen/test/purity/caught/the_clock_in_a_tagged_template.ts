// expect: impure-clock at line 13
import { cmd, StateMachine } from 'decoraft';

export class Clock25 extends StateMachine {
  private line = '';

  @cmd write(text: string): void {
    this.line = stamped`${text}!`;
  }
}

function stamped(parts: TemplateStringsArray, ...values: readonly string[]): string {
  return `${Date.now()} ${parts.join('')}${values.join('')}`;
}
