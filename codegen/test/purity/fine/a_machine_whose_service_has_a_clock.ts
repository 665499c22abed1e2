import { cmd, StateMachine } from 'decoraft';

export class FineClock22 extends StateMachine {
  private at = 0;

  @cmd touch(at: number): number {
    this.at = at;
    return this.at;
  }
}

/** Runs where the client runs. */
export const touchNow = async (touch: (at: number) => Promise<number>): Promise<string> => {
  const at = await touch(Date.now());
  return new Intl.DateTimeFormat().format(new Date(at)) + Math.sin(at) + new Date(2024, 1, 1).getHours();
};
