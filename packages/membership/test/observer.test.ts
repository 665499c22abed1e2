import type { Cluster } from '@decoraft/client';
import { DecoraftError } from '@decoraft/protocol';
import { expect, it } from 'vitest';
import { type MembershipChanges, type MembershipView, Observer } from '../src/index.js';

const created = (version: number, group: string): MembershipChanges => ({
  version,
  changes: [{ kind: 'group-created', version, group }],
});

const viewOf = (...names: readonly string[]): MembershipView => ({
  version: names.length,
  members: [],
  groups: names.map((name, at) => ({ name, members: [], createdVersion: at + 1 })),
});

/** A cluster whose subscriptions bring what is written here, each with the view that is asked for behind it. */
class Script {
  readonly cluster: Cluster;
  #at = -1;

  constructor(
    lives: readonly {
      readonly view: MembershipView;
      readonly events: readonly MembershipChanges[];
      readonly end: DecoraftError | undefined;
    }[],
  ) {
    const subscribe = () => {
      const life = lives[++this.#at];
      let close = (): void => undefined;
      const closed = new Promise<void>((resolve) => (close = resolve));
      return {
        ready: Promise.resolve(),
        close: () => Promise.resolve(close()),
        async *[Symbol.asyncIterator]() {
          yield* life?.events ?? [];
          if (life?.end) throw life.end;
          await closed;
        },
      };
    };
    const query = (): Promise<unknown> => Promise.resolve(lives[this.#at]?.view);
    this.cluster = { subscribe, query } as unknown as Cluster;
  }
}

it('what came before the view is not told again, and what comes behind it is', async () => {
  const events = [created(1, 'a'), created(2, 'b'), created(3, 'c')];
  const { cluster } = new Script([{ view: viewOf('a', 'b'), events, end: undefined }]);
  const observer = await Observer.open(cluster);
  const heard: number[] = [];
  observer.onChange(({ version }) => heard.push(version));
  await observer.reached(3);
  expect(heard).toEqual([3]);
  expect(observer.groups.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  await observer.close();
});

it.each([
  [
    'the cluster ended the subscription',
    [created(2, 'b')],
    new DecoraftError('SubscriptionOverflow', 'too slow'),
  ],
  ['a version is missing', [created(2, 'b'), created(4, 'd')], undefined],
])(
  'when %s, the view is fetched anew: listeners are told of the gap, and loops end with it',
  async (_what, events, end) => {
    const after = viewOf('a', 'b', 'c', 'd', 'e');
    const { cluster } = new Script([
      { view: viewOf('a'), events, end },
      { view: after, events: [created(6, 'f')], end: undefined },
    ]);
    const observer = await Observer.open(cluster);
    const [heard, resets]: [number[], unknown[]] = [[], []];
    observer.onChange(({ version }) => heard.push(version));
    observer.onReset((reset) => resets.push(reset));
    const loop = (async () => {
      const seen: number[] = [];
      try {
        for await (const { version } of observer) seen.push(version);
      } catch (thrown) {
        return { seen, code: DecoraftError.from(thrown).code };
      }
      return { seen };
    })();
    await observer.reached(6);
    expect(await loop).toEqual({ seen: [2], code: 'SubscriptionOverflow' });
    expect(resets).toEqual([{ from: 2, view: after }]);
    expect(heard).toEqual([2, 6]);
    await observer.close();
  },
);
