import type { OperationTable } from '@decoraft/protocol';
import { describe, expect, it } from 'vitest';
import { cmd, defineOperations, event, Replica, StateMachine, sub } from '../src/index.js';
import { jsonCodec, tableOf } from './fixtures.js';

type MachineClass = new () => StateMachine;

const EMPTY: OperationTable = tableOf('Things', {});

function register(machine: MachineClass, table = EMPTY): { replica: Replica; instance: StateMachine } {
  defineOperations(machine, table);
  const replica = new Replica(jsonCodec);
  const instance = new machine();
  replica.register('things', instance);
  return { replica, instance };
}

/** What `from` makes of itself is handed to a fresh instance of `to`. */
function hand(from: MachineClass, to: MachineClass, change: (instance: StateMachine) => void = () => {}) {
  const source = register(from);
  change(source.instance);
  const target = register(to);
  target.replica.restore(source.replica.snapshot());
  return target;
}

class Fields extends StateMachine {
  one: unknown = 1;
  two: unknown = new Map();
}

describe('the fields of a machine are its state', () => {
  it('the instance stays; fields that the state has not are removed, others come', () => {
    const { instance } = hand(Fields, Fields, (source) => {
      Object.assign(source, { three: [3], one: undefined });
      delete (source as Partial<Fields>).two;
    });
    expect(instance).toBeInstanceOf(Fields);
    expect(Object.entries(instance)).toEqual([
      ['one', undefined],
      ['three', [3]],
    ]);
  });

  it('in their order, so that the restored replica gives the same bytes', () => {
    const source = register(Fields);
    delete (source.instance as Partial<Fields>).one;
    Object.assign(source.instance, { one: 1 });
    const target = register(Fields);
    target.replica.restore(source.replica.snapshot());
    expect(Object.keys(target.instance)).toEqual(['two', 'one']);
    expect(target.replica.stateHash()).toBe(source.replica.stateHash());
  });

  it('what two fields share they share afterwards, and nothing with the other replica', () => {
    const shared = { count: 1 };
    const { instance } = hand(Fields, Fields, (source) => {
      Object.assign(source, { one: shared, two: [shared] });
    });
    const { one, two } = instance as Fields;
    expect((two as unknown[])[0]).toBe(one);
    expect(one).not.toBe(shared);
  });

  it('events are not part of it, and still work', () => {
    class Loud extends StateMachine {
      @sub onSaid = event<() => string>();
      count = 1;
    }
    const table = tableOf('Loud', { onSaid: ['sub'] });
    const source = register(Loud, table);
    (source.instance as Loud).count = 7;
    const target = register(Loud, table);
    const { onSaid } = target.instance as Loud;
    target.replica.restore(source.replica.snapshot());
    expect(target.instance).toMatchObject({ count: 7 });
    expect((target.instance as Loud).onSaid).toBe(onSaid);
  });

  it.each<[string, string, string]>([
    ['an event', 'onSaid', 'has a field onSaid, which is a member'],
    ['a method', 'say', 'has a field say, which is a member'],
    ['the constructor', 'constructor', 'has a field constructor, which is a member'],
    ['the prototype', '__proto__', 'has a field __proto__, which is a member'],
  ])('a state cannot take the place of %s', (_, name, words) => {
    class Loud extends StateMachine {
      @sub onSaid = event<() => string>();
      say(): void {}
    }
    class Forged extends StateMachine {
      override snapshot(): unknown {
        return Object.fromEntries([[name, 1]]);
      }
      override restore(): void {}
    }
    const forged = register(Forged).replica.snapshot();
    const target = register(Loud, tableOf('Loud', { onSaid: ['sub'] }));
    expect(() => target.replica.restore(forged)).toThrow(`Corrupted: the state of machine things ${words}`);
  });
});

describe('a machine whose state cannot be kept is refused when it is registered', () => {
  const refused = (machine: MachineClass, table = EMPTY) => expect(() => register(machine, table));

  it('a function in a field, by machine and field', () => {
    refused(
      class extends StateMachine {
        helper = () => 1;
      },
    ).toThrow('InvalidArgument: things.helper holds a function, which is no data: make it a method');
  });

  it('what a field holds, by its path', () => {
    refused(
      class extends StateMachine {
        cache = { entries: [new WeakMap()] };
      },
    ).toThrow('InvalidArgument: things.cache.entries[0] holds an instance of WeakMap');
  });

  it('a field that hides a method, an accessor, a symbol, a frozen machine', () => {
    class Base extends StateMachine {
      act(): void {}
    }
    const built = (change: (instance: object) => void): MachineClass =>
      class extends Base {
        constructor() {
          super();
          change(this);
        }
      };
    refused(
      built((made) =>
        Object.defineProperty(made, 'act', {
          value: 1,
          enumerable: true,
          writable: true,
          configurable: true,
        }),
      ),
    ).toThrow('things.act hides a member of the class');
    refused(built((made) => Object.defineProperty(made, 'now', { get: () => 1, enumerable: true }))).toThrow(
      'things.now is an accessor or read-only',
    );
    refused(built((made) => Object.assign(made, { [Symbol('x')]: 1 }))).toThrow(
      'things.Symbol(x) is named by a symbol',
    );
    refused(built(Object.freeze)).toThrow('is frozen');
  });

  it('later, the snapshot says which field it is, and the replica goes on', () => {
    const { instance, replica } = register(Fields);
    Object.assign(instance, { one: { later: Promise.resolve() } });
    expect(() => replica.snapshot()).toThrow(
      'InvalidArgument: things.one.later holds an instance of Promise',
    );
    expect(() => replica.stateHash()).toThrow('things.one.later');
    replica.skip(1);
    Object.assign(instance, { one: 1 });
    expect(replica.snapshot().length).toBeGreaterThan(0);
  });

  it('hooks that are decorated, async, or only half there', () => {
    class Decorated extends StateMachine {
      @cmd override restore(): void {}
    }
    refused(Decorated, tableOf('Decorated', { restore: ['cmd'] })).toThrow(
      'Decorated.restore is what snapshots call: a @cmd needs another name',
    );
    class Ending extends StateMachine {
      @cmd override sessionEnded(): void {}
    }
    refused(Ending, tableOf('Ending', { sessionEnded: ['cmd'] })).toThrow(
      'Ending.sessionEnded is what the end of a session calls: a @cmd needs another name',
    );
    class Waiting extends StateMachine {
      // oxlint-disable-next-line typescript/no-misused-promises -- The mistake that is to be found.
      override async sessionEnded(): Promise<void> {}
    }
    refused(Waiting).toThrow('Waiting.sessionEnded is async: it must be synchronous');
    class Async extends StateMachine {
      override async snapshot(): Promise<unknown> {
        return Promise.resolve(1);
      }
      override restore(): void {}
    }
    refused(Async).toThrow('Async.snapshot is async');
    class Half extends StateMachine {
      override snapshot(): unknown {
        return 1;
      }
    }
    refused(Half).toThrow('Half.snapshot needs a restore as well');
    class OtherHalf extends StateMachine {
      override restore(): void {}
    }
    refused(OtherHalf).toThrow('OtherHalf.restore needs a snapshot as well');
  });
});

describe("a machine's own snapshot and restore", () => {
  class Own extends StateMachine {
    readonly #hidden = new Map<string, unknown>();
    readonly calls: string[] = [];
    readonly lock = (): void => {};

    override snapshot(): unknown {
      return this.#hidden;
    }

    override restore(state: ReadonlyMap<string, unknown>): void {
      this.calls.push(`restore ${state.size}`);
      this.#hidden.clear();
      for (const [key, value] of state) this.#hidden.set(key, value);
    }

    override restored(): void {
      this.calls.push('restored');
    }

    put(key: string, value: unknown): void {
      this.#hidden.set(key, value);
    }
  }

  it('take the place of the fields, whatever these hold', () => {
    const { instance, replica } = hand(Own, Own, (source) => (source as Own).put('a', { b: [1n] }));
    expect((instance as Own).calls).toEqual(['restore 1', 'restored']);
    const other = register(Own);
    (other.instance as Own).put('a', { b: [1n] });
    expect(other.replica.stateHash()).toBe(replica.stateHash());
  });

  it('what snapshot gives must be data', () => {
    const { instance, replica } = register(Own);
    (instance as Own).put('bad', [() => 1]);
    expect(() => replica.snapshot()).toThrow('things.snapshot().get("bad")[0] holds a function');
  });

  it('restore is given the fields of a snapshot that was taken without it', () => {
    class Later extends StateMachine {
      seen: unknown;
      override snapshot(): unknown {
        return {};
      }
      override restore(state: unknown): void {
        this.seen = state;
      }
    }
    expect((hand(Fields, Later).instance as Later).seen).toEqual({ one: 1, two: new Map() });
  });

  it('the fields are not given what an own snapshot gave, unless it looks like them', () => {
    expect(() => hand(Own, Fields)).toThrow(
      'Corrupted: the state of machine things is no plain object of fields',
    );
  });

  it('what they throw names the machine and stops the restore', () => {
    class Failing extends Own {
      override restore(): void {
        throw new Error('not today');
      }
    }
    expect(() => hand(Own, Failing)).toThrow('Internal: things.restore() threw: not today');
    class Promising extends Own {}
    const restore = (): unknown => Promise.reject(new Error('nobody waits'));
    Object.defineProperty(Promising.prototype, 'restore', { value: restore });
    expect(() => hand(Own, Promising)).toThrow('Internal: things.restore() gave a promise');
    class FailingLater extends Own {
      override restored(): void {
        throw new Error('not ready');
      }
    }
    expect(() => hand(Own, FailingLater)).toThrow('Internal: things.restored() threw: not ready');
  });

  it('restored is called for machines with fields as well, when all is in place', () => {
    const seen: unknown[] = [];
    class Derived extends Fields {
      override restored(): void {
        seen.push(this.one, replica.appliedIndex);
      }
    }
    const source = register(Derived);
    (source.instance as Fields).one = 5;
    source.replica.skip(1);
    defineOperations(Derived, EMPTY);
    const replica = new Replica(jsonCodec);
    replica.register('things', new Derived());
    replica.restore(source.replica.snapshot());
    expect(seen).toEqual([5, 1]);
  });
});
