// expect: impure-global at line 9
import { cmd, StateMachine } from 'decoraft';
import { settings } from './a_setting_that_somebody_else_changes.helper.js';

export class Global4 extends StateMachine {
  private items: string[] = [];

  @cmd add(item: string): void {
    if (this.items.length < settings.limit) this.items.push(item);
  }
}
