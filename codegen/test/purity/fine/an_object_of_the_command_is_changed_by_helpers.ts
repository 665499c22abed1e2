import { cmd, StateMachine } from 'decoraft';

interface Draft {
  readonly lines: string[];
  total: number;
}

export class FineGlobal23 extends StateMachine {
  private drafts: Draft[] = [];

  @cmd add(names: string[]): void {
    const draft: Draft = { lines: [], total: 0 };
    names.forEach((name) => write(draft, name));
    finish(draft);
    this.drafts.push(draft);
  }
}

function write(draft: Draft, name: string): void {
  draft.lines.push(name);
  draft.total += 1;
}

const finish = (draft: Draft): void => {
  draft.lines.sort();
};
