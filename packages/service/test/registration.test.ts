import { stableHash } from '@decoraft/base';
import type { ServiceMethodKind } from '@decoraft/protocol';
import { cmd, derived, qry } from '@decoraft/state-machine';
import { describe, expect, it } from 'vitest';
import { defineService, rpc, RpcService } from '../src/index.js';

type ServiceClass = Parameters<typeof defineService>[0];

/** Ties a class to what the generator would have read: methods without parameters. */
function define(service: ServiceClass, methods: Readonly<Record<string, ServiceMethodKind>>): void {
  defineService(service, {
    format: 1,
    service: service.name,
    methods: Object.entries(methods).map(([name, kind]) => ({
      id: stableHash(name),
      name,
      kind,
      parameters: [],
      result: { kind: 'void' },
    })),
    types: {},
  });
}

class Sound extends RpcService {
  @rpc act(): void {}
  @rpc() async wait(): Promise<void> {}
  @rpc async *stream(): AsyncGenerator<void> {}
}
define(Sound, { act: 'unary', wait: 'unary', stream: 'stream' });

describe('a service', () => {
  it('that is sound has its methods, as the generator read them', () => {
    const methods = new Sound().methods.map(({ id, kind, name }) => ({ id, kind, name }));
    expect(methods).toEqual([
      { id: stableHash('act'), kind: 'unary', name: 'act' },
      { id: stableHash('wait'), kind: 'unary', name: 'wait' },
      { id: stableHash('stream'), kind: 'stream', name: 'stream' },
    ]);
  });

  it('whose subclass overrides a method, and adds one, is sound', () => {
    class Derived extends Sound {
      @rpc override act(): void {}
      @rpc more(): void {}
    }
    define(Derived, { act: 'unary', more: 'unary', wait: 'unary', stream: 'stream' });
    expect(new Derived().methods).toHaveLength(4);
  });

  it('whose subclass overrides a method without saying so is called as the subclass has it', () => {
    class Quiet extends Sound {
      override act(): void {}
    }
    define(Quiet, { act: 'unary', wait: 'unary', stream: 'stream' });
    expect(new Quiet().methods).toHaveLength(3);
  });
});

describe('a mistake is named by class and member when the service is registered', () => {
  it('a class whose table nobody imported', () => {
    class Forgotten extends RpcService {
      @rpc act(): void {}
    }
    expect(() => new Forgotten().methods).toThrow(
      'Forgotten has no table of methods: run `decoraft generate`',
    );
  });

  it('a method that the table does not have', () => {
    class Newer extends RpcService {
      @rpc act(): void {}
      @rpc more(): void {}
    }
    define(Newer, { act: 'unary' });
    expect(() => new Newer().methods).toThrow('Newer.more is @rpc here but not in the generated table');
  });

  it('a method that the class has no more', () => {
    class Older extends RpcService {
      @rpc act(): void {}
    }
    define(Older, { act: 'unary', more: 'unary' });
    expect(() => new Older().methods).toThrow('Older.more is in the generated table but not decorated');
  });

  it.each([
    ['cmd', cmd],
    ['qry', qry],
  ] as const)('@%s, which is for machines', (name, decorator) => {
    class Mixed extends RpcService {
      @rpc act(): void {}
      @decorator add(): void {}
    }
    expect(() => new Mixed().methods).toThrow(`Mixed.add is decorated with @${name}, which is for machines`);
  });

  it('@derived, which is for machines', () => {
    class Mixed extends RpcService {
      @rpc act(): void {}
      @derived cache = new Map<string, string>();
    }
    expect(() => new Mixed().methods).toThrow(
      'Mixed.cache is decorated with @derived, which is for machines',
    );
  });

  it('a method that something else has taken the place of', () => {
    class Taken extends RpcService {
      @rpc act(): void {}
    }
    define(Taken, { act: 'unary' });
    const taken = new Taken();
    Reflect.set(taken, 'act', 7);
    expect(() => taken.methods).toThrow('Taken.act is decorated with @rpc but no method');
  });

  it('a generator that cannot wait', () => {
    class Impatient extends RpcService {
      @rpc *count(): Generator<number> {
        yield 1;
      }
    }
    define(Impatient, { count: 'stream' });
    expect(() => new Impatient().methods).toThrow('Impatient.count is a generator that cannot wait');
  });
});
