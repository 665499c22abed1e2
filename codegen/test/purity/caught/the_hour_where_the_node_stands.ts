// expect: impure-locale at line 9
import { cmd, qry, StateMachine } from 'decoraft';

export class Locale5 extends StateMachine {
  private isNight = false;

  @cmd tick(): void {
    const date = new Date(this.context.time);
    this.isNight = date.getHours() < 6;
  }

  @qry night(): boolean {
    return this.isNight;
  }
}
