import { afterEach, describe, expect, it, vi } from 'vitest';
import { binding, bindingsHere, withoutBindings } from '../src/index.js';

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe('a binding', () => {
  it('is its default where nothing is bound', () => {
    expect(binding('none').get()).toBe('none');
  });

  it('follows the flow of the program through promises, timers and callbacks', async () => {
    const request = binding<string>('none');
    const seen: string[] = [];
    await request.run('x', async () => {
      seen.push(request.get());
      await Promise.resolve();
      seen.push(request.get());
      await turn();
      seen.push(request.get());
      await new Promise<void>((resolve) =>
        setTimeout(() => {
          seen.push(request.get());
          resolve();
        }, 0),
      );
      queueMicrotask(() => seen.push(request.get()));
      await Promise.resolve();
    });
    expect(seen).toEqual(['x', 'x', 'x', 'x', 'x']);
    expect(request.get()).toBe('none');
  });

  it('nests, and is what it was before where the inner run ends', async () => {
    const depth = binding(0);
    await depth.run(1, async () => {
      await depth.run(2, async () => {
        await turn();
        expect(depth.get()).toBe(2);
      });
      expect(depth.get()).toBe(1);
    });
    expect(depth.get()).toBe(0);
  });

  it('leaves another binding alone', () => {
    const [one, other] = [binding('a'), binding('b')];
    one.run('A', () =>
      other.run('B', () => {
        expect([one.get(), other.get()]).toEqual(['A', 'B']);
        one.run('AA', () => expect([one.get(), other.get()]).toEqual(['AA', 'B']));
      }),
    );
    expect([one.get(), other.get()]).toEqual(['a', 'b']);
  });

  it('may be bound to undefined, which is not its default', () => {
    const maybe = binding<string | undefined>('default');
    expect(maybe.run(undefined, () => maybe.get())).toBeUndefined();
  });

  it('is restored by a throw, and gives what the callback gives', async () => {
    const request = binding('none');
    expect(() => request.run('x', () => fail('sync'))).toThrow('sync');
    expect(request.get()).toBe('none');
    const rejected = request.run('y', async () => {
      await turn();
      return fail(request.get());
    });
    await expect(rejected).rejects.toThrow('y');
    expect(request.get()).toBe('none');
    expect(request.run('z', () => 7)).toBe(7);
  });

  it('does not leak between tasks that run beside each other', async () => {
    const task = binding(-1);
    const numbers = Array.from({ length: 100 }, (_, at) => at);
    const seen = await Promise.all(
      numbers.map((number) =>
        task.run(number, async () => {
          for (let turns = 0; turns <= number % 5; turns++) await turn();
          return task.get();
        }),
      ),
    );
    expect(seen).toEqual(numbers);
    expect(task.get()).toBe(-1);
  });

  it('refuses what is no function', () => {
    expect(() => binding(0, 'DEPTH').run(1, 'x' as never)).toThrow(
      'InvalidArgument: DEPTH.run: the callback is no function',
    );
  });
});

describe('bindings that are kept for later', () => {
  it('hold for what is called back by others', async () => {
    const request = binding('none');
    const here = request.run('x', () => bindingsHere());
    expect(here(() => request.get())).toBe('x');
    expect(request.run('y', () => here(() => request.get()))).toBe('x');
    const nothing = bindingsHere();
    await request.run('z', async () => {
      await turn();
      expect(nothing(() => request.get())).toBe('none');
      expect(request.get()).toBe('z');
    });
  });
});

describe('what must be the same on every node', () => {
  it('reads no binding of its caller, nor a default', () => {
    const request = binding('none', 'REQUEST');
    const read = (): string => withoutBindings('users.set', () => request.get());
    const words = 'InvalidArgument: REQUEST is read in users.set, where it would be another on every node';
    expect(read).toThrow(words);
    expect(() => request.run('x', read)).toThrow(words);
    expect(request.run('x', () => [attempt(read), request.get()])).toEqual([undefined, 'x']);
  });

  it('reads what it has bound itself, and only there', () => {
    const request = binding('none');
    withoutBindings('users.set', () => {
      expect(request.run('inner', () => request.get())).toBe('inner');
      expect(() => request.get()).toThrow('InvalidArgument');
      withoutBindings('another', () => expect(() => request.get()).toThrow('another'));
      expect(() => request.get()).toThrow('users.set');
    });
    expect(request.get()).toBe('none');
  });
});

describe('where there is no async context', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  it('a binding lasts as long as the synchronous part, and then is the default, never another one’s', async () => {
    vi.stubGlobal('process', undefined);
    vi.resetModules();
    const page = await import('../src/index.js');
    const request = page.binding('none');
    const seen: string[] = [];
    const tasks = ['x', 'y'].map((name) =>
      request.run(name, async () => {
        seen.push(request.get());
        request.run(`${name}${name}`, () => seen.push(request.get()));
        seen.push(request.get());
        await Promise.resolve();
        seen.push(request.get());
      }),
    );
    expect(request.get()).toBe('none');
    expect(() => request.run('z', () => fail('gone'))).toThrow('gone');
    expect(request.get()).toBe('none');
    await Promise.all(tasks);
    expect(seen).toEqual(['x', 'xx', 'x', 'y', 'yy', 'y', 'none', 'none']);
  });
});

function fail(words: string): never {
  throw new Error(words);
}

function attempt<Result>(callback: () => Result): Result | undefined {
  try {
    return callback();
  } catch {
    return undefined;
  }
}
