import { describe, expect, it } from 'vitest';
import { cmd, defineOperations, derived, Replica, StateMachine } from '../src/index.js';
import { jsonCodec, tableOf } from './fixtures.js';

type MachineClass<Instance> = new () => Instance;

function register<Instance extends StateMachine>(
  machine: MachineClass<Instance>,
  table = tableOf('Things', {}),
) {
  defineOperations(machine, table);
  const replica = new Replica(jsonCodec);
  const instance = new machine();
  replica.register('things', instance);
  return { replica, instance };
}

class Index extends StateMachine {
  readonly owners = new Map<string, string>();
  @derived readonly byOwner = new Map<string, string[]>();
  @derived() total = 0;
  @derived cache: WeakMap<object, string> = new WeakMap();

  put(key: string, owner: string): void {
    this.owners.set(key, owner);
    this.#note(key, owner);
  }

  override restored(): void {
    // Only adds: what was there before must be gone by now.
    for (const [key, owner] of this.owners) this.#note(key, owner);
  }

  #note(key: string, owner: string): void {
    this.total += 1;
    this.byOwner.set(owner, [...(this.byOwner.get(owner) ?? []), key]);
  }
}

describe('a derived field', () => {
  it('is in no snapshot and no hash, whatever it holds', () => {
    const [one, other] = [register(Index), register(Index)];
    for (const { instance } of [one, other]) instance.put('a', 'ann');
    other.instance.byOwner.clear();
    other.instance.total = 77;
    other.instance.cache = new WeakMap([[{}, 'x']]);
    expect(other.replica.snapshot()).toEqual(one.replica.snapshot());
    expect(other.replica.stateHash()).toBe(one.replica.stateHash());
    other.instance.owners.set('a', 'bob');
    expect(other.replica.stateHash()).not.toBe(one.replica.stateHash());
  });

  it('is rebuilt by restored(), in a replica that starts and in one that runs', () => {
    const source = register(Index);
    source.instance.put('a', 'ann');
    source.instance.put('b', 'ann');
    const [fresh, used] = [register(Index), register(Index)];
    used.instance.put('z', 'zoe');
    const { cache } = used.instance;
    for (const { instance, replica } of [fresh, used]) {
      replica.restore(source.replica.snapshot());
      expect(instance.byOwner).toEqual(new Map([['ann', ['a', 'b']]]));
      expect(instance.total).toBe(2);
    }
    expect(used.instance.cache).toBe(cache);
  });

  it('may be what earlier versions of the class kept: their snapshots are read', () => {
    class Earlier extends StateMachine {
      owners = new Map([['a', 'ann']]);
      byOwner = 'stale';
      total = -1;
      cache = 'stale';
    }
    const target = register(Index);
    target.replica.restore(register(Earlier).replica.snapshot());
    expect(target.instance.byOwner).toEqual(new Map([['ann', ['a']]]));
    expect(target.instance.total).toBe(1);
    expect(target.instance.cache).toBeInstanceOf(WeakMap);
  });

  it('keeps what it shares with another one', () => {
    class Shared extends StateMachine {
      @derived one: number[] = [];
      @derived other = { one: this.one };
      override restored(): void {
        this.one.push(1);
      }
    }
    const { instance, replica } = register(Shared);
    replica.restore(register(Shared).replica.snapshot());
    expect(instance.other.one).toEqual([1]);
    expect(instance.other.one).toBe(instance.one);
  });

  it('needs somebody who rebuilds it', () => {
    class Things extends StateMachine {
      @derived index = new Map();
    }
    expect(() => register(Things)).toThrow(
      'InvalidArgument: Things.index is derived, but the class has no restored() that rebuilds it',
    );
    class Own extends StateMachine {
      @derived index = new Map();
      override snapshot(): unknown {
        return 1;
      }
      override restore(): void {}
    }
    expect(() => register(Own)).not.toThrow();
  });

  it('is a field, and nothing else', () => {
    class Method extends StateMachine {
      override restored(): void {}
      index(): void {}
    }
    derived(Method.prototype, 'index');
    expect(() => register(Method)).toThrow('Method.index is decorated with @derived but is no field');
    class Command extends StateMachine {
      override restored(): void {}
      @cmd index(): void {}
    }
    derived(Command.prototype, 'index');
    expect(() => register(Command, tableOf('Command', { index: ['cmd'] }))).toThrow(
      'Command.index is decorated twice',
    );
  });

  it('is not what a generated table calls an operation', () => {
    expect(() => register(Index, tableOf('Index', { total: ['cmd'] }))).toThrow(
      'Index.total is in the generated table but not decorated',
    );
  });
});
