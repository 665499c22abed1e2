import type { OperationTable } from '@decoraft/protocol';
import {
  cmd,
  defineOperations,
  event,
  qry,
  type StateMachine as Machine,
  StateMachine,
  sub,
} from '../../src/index.js';
import { tableOf } from '../fixtures.js';

const text = { kind: 'string' } as const;
const number = { kind: 'number' } as const;

/** A table in which the last parameter of `add` is optional. */
function withOptional(table: OperationTable): OperationTable {
  return {
    ...table,
    operations: table.operations.map((operation) =>
      operation.name === 'add'
        ? { ...operation, parameters: operation.parameters.map((one, at) => ({ ...one, optional: at > 0 })) }
        : operation,
    ),
  };
}

/** The first code: one sum. */
export class FirstLedger extends StateMachine {
  total = 0;
  ticks = 0;
  over = 0;

  @sub onAdded = event<() => number>();

  @cmd add(amount: number): number {
    if (amount < 0) throw new Error('less than nothing');
    this.total += amount;
    this.onAdded().notify(this.total);
    return this.total;
  }

  @cmd later(delayMs: number): void {
    this.schedule(delayMs, 'tick');
  }

  @cmd tick(): void {
    this.ticks += 1;
  }

  override sessionEnded(): void {
    this.over += 1;
  }

  @qry sum(): number {
    return this.total;
  }
}
const FIRST = {
  onAdded: ['sub'],
  add: ['cmd', number],
  later: ['cmd', number],
  tick: ['cmd'],
  sum: ['qry'],
} as const;
defineOperations(FirstLedger, tableOf('Ledger', FIRST));

/** The first code with one command and one event more, and the same version. */
export class WiderLedger extends FirstLedger {
  @sub onCleared = event<() => number>();

  @cmd override add(amount: number): number {
    // What the others do not have is not heard, and counts nothing.
    this.onCleared().notify(amount);
    return super.add(amount);
  }

  @cmd clear(): void {
    this.total = 0;
  }
}
defineOperations(WiderLedger, tableOf('Ledger', { ...FIRST, onCleared: ['sub'], clear: ['cmd'] }));

/** The second: a sum for each name; when nobody keeps the first any more. */
export class LonelyLedger extends StateMachine {
  static override readonly version: number = 2;
  static override readonly oldestVersion: number = 2;
  totals = new Map<string, number>();
  ticks = 0;
  over = 0;
  isRestored = false;

  @sub onAdded = event<() => number>();

  override restored(): void {
    this.isRestored = true;
  }

  @cmd add(amount: number, name = 'all'): number {
    const total = (this.totals.get(name) ?? 0) + amount;
    this.totals.set(name, total);
    this.onAdded().notify(total);
    return total;
  }

  @cmd later(delayMs: number): void {
    this.schedule(delayMs, 'tick');
  }

  @cmd tick(): void {
    this.ticks += 10;
  }

  override sessionEnded(): void {
    this.over += 10;
  }

  @qry sum(name = 'all'): number {
    return this.totals.get(name) ?? 0;
  }
}
defineOperations(LonelyLedger, withOptional(tableOf('Ledger', { ...FIRST, add: ['cmd', number, text] })));

/** The second, as long as somebody may have the first. */
export class SecondLedger extends LonelyLedger {
  static override readonly oldestVersion: number = 1;

  override previous(): Machine {
    return new FirstLedger();
  }

  override migrate(
    _from: number,
    { total, ...others }: { total: number; ticks: number; over: number },
  ): unknown {
    return { totals: new Map([['all', total]]), ...others };
  }
}
defineOperations(SecondLedger, withOptional(tableOf('Ledger', { ...FIRST, add: ['cmd', number, text] })));

/** The third: names in a list, and nothing of ticks. */
export class ThirdLedger extends StateMachine {
  static override readonly version: number = 3;
  list: [string, number][] = [];
  fresh = 'new';

  @sub onAdded = event<() => number>();

  override previous(): Machine {
    return new SecondLedger();
  }

  override migrate(from: number, { totals }: { totals: Map<string, number> }): unknown {
    if (from !== 2) throw new Error(`from ${from}`);
    return { list: [...totals] };
  }

  @cmd add(amount: number, name = 'all'): number {
    this.list.push([name, amount]);
    return this.list.length;
  }

  @cmd later(_delayMs: number): void {
    // Nothing is counted any more.
  }

  @cmd tick(): void {
    // As above.
  }

  @qry sum(name = 'all'): number {
    return this.list.filter(([key]) => key === name).reduce((sum, [, amount]) => sum + amount, 0);
  }
}
defineOperations(ThirdLedger, withOptional(tableOf('Ledger', { ...FIRST, add: ['cmd', number, text] })));

/** A second one that cannot take over more than 10. */
export class StrictLedger extends SecondLedger {
  override migrate(from: number, state: { total: number; ticks: number; over: number }): unknown {
    if (state.total > 10) throw new Error('too much');
    return super.migrate(from, state);
  }
}
defineOperations(StrictLedger, withOptional(tableOf('Ledger', { ...FIRST, add: ['cmd', number, text] })));

/** One class for two versions: a small change of what it does. */
export class BothLedgers extends FirstLedger {
  static override readonly version: number = 2;

  @cmd override add(amount: number): number {
    return super.add(this.context.version >= 2 ? 2 * amount : amount);
  }
}
defineOperations(BothLedgers, tableOf('Ledger', FIRST));
