import { describe, expect, it } from 'vitest';
import { cmd, defineOperations, event, qry, Replica, StateMachine, sub } from '../src/index.js';
import { jsonCodec, tableOf } from './fixtures.js';

function register(machine: StateMachine, name = 'things'): void {
  new Replica(jsonCodec).register(name, machine);
}

class Sound extends StateMachine {
  @sub onAdded = event<() => number>();
  @cmd add(): void {}
  @cmd() addMore(): void {}
  @qry({ consistency: 'linearizable' }) count(): number {
    return 1;
  }
}
defineOperations(
  Sound,
  tableOf('Sound', { onAdded: ['sub'], add: ['cmd'], addMore: ['cmd'], count: ['qry'] }),
);

describe('a machine', () => {
  it('that is sound registers, under as many names as one likes', () => {
    const replica = new Replica(jsonCodec);
    replica.register('one', new Sound());
    replica.register('two', new Sound());
  });

  it('whose subclass overrides a method alike is sound', () => {
    class Derived extends Sound {
      @cmd override add(): void {}
    }
    defineOperations(
      Derived,
      tableOf('Derived', { onAdded: ['sub'], add: ['cmd'], addMore: ['cmd'], count: ['qry'] }),
    );
    register(new Derived());
  });
});

describe('a mistake is named by class and member when the machine is registered', () => {
  it('two decorators on one method', () => {
    class Doubled extends StateMachine {
      @cmd @qry read(): void {}
    }
    expect(() => register(new Doubled())).toThrow('Doubled.read is decorated twice: @qry and @cmd');
  });

  it('another kind in a subclass', () => {
    class Base extends StateMachine {
      @cmd act(): void {}
    }
    class Changed extends Base {
      @qry override act(): void {}
    }
    expect(() => register(new Changed())).toThrow('Changed.act is decorated twice: @qry and @cmd');
  });

  it('an async command', () => {
    class Waiting extends StateMachine {
      @cmd async wait(): Promise<void> {}
    }
    expect(() => register(new Waiting())).toThrow('Waiting.wait is async');
  });

  it('a generator as a query', () => {
    class Listing extends StateMachine {
      @qry *list(): Generator<number> {
        yield 1;
      }
    }
    expect(() => register(new Listing())).toThrow('Listing.list is async');
  });

  it('an event without @sub', () => {
    class Stray extends StateMachine {
      onThing = event<() => void>();
    }
    expect(() => register(new Stray())).toThrow(
      'Stray.onThing holds an event but is not decorated with @sub',
    );
  });

  it('@sub without an event', () => {
    class Empty extends StateMachine {
      @sub onThing = 5;
    }
    expect(() => register(new Empty())).toThrow('Empty.onThing is decorated with @sub but holds no event');
  });

  it('a class that was never generated', () => {
    class Fresh extends StateMachine {
      @cmd act(): void {}
    }
    expect(() => register(new Fresh())).toThrow('Fresh has no table of operations: run `decoraft generate`');
    expect(() => register(Fresh as never)).toThrow('Fresh is a class, not a machine: write new Fresh()');
  });

  it('a stale table, either way', () => {
    class Grown extends StateMachine {
      @cmd old(): void {}
      @cmd young(): void {}
    }
    defineOperations(Grown, tableOf('Grown', { old: ['cmd'] }));
    expect(() => register(new Grown())).toThrow('Grown.young is @cmd here but not in the generated table');
    class Shrunk extends StateMachine {
      @cmd old(): void {}
    }
    defineOperations(Shrunk, tableOf('Shrunk', { old: ['cmd'], gone: ['cmd'] }));
    expect(() => register(new Shrunk())).toThrow('Shrunk.gone is in the generated table but not decorated');
  });

  it('two machines with one id', () => {
    const replica = new Replica(jsonCodec);
    replica.register('one', new Sound());
    expect(() => replica.register('one', new Sound())).toThrow('the id of machine one is taken by one');
  });
});
