import type { Consistency } from '@decoraft/protocol';
import { expect, it } from 'vitest';
import type { Cluster } from '../src/cluster.js';
import { MachineClient } from '../src/machine-client.js';
import type { CallOptions } from '../src/call-options.js';

/** The level at which a method that declares `declared` is asked when the caller says `wanted`. */
function levelOf(declared: Consistency | undefined, wanted: Consistency | undefined): unknown {
  let level: unknown;
  const cluster = {
    query: (_call: unknown, { consistency }: CallOptions) => {
      level = consistency;
      return Promise.resolve();
    },
  } as unknown as Cluster;
  class Client extends MachineClient {
    constructor() {
      super(cluster, 'machine', wanted === undefined ? {} : { consistency: wanted });
    }

    read(): Promise<void> {
      return this.query(1, 'read', [], declared);
    }
  }
  void new Client().read();
  return level;
}

it.each<[Consistency | 'nothing', Consistency | 'nothing', Consistency]>([
  ['nothing', 'nothing', 'session'],
  ['nothing', 'local', 'local'],
  ['nothing', 'linearizable', 'linearizable'],
  ['local', 'nothing', 'local'],
  ['local', 'session', 'session'],
  ['session', 'local', 'session'],
  ['session', 'lease', 'lease'],
  ['lease', 'session', 'lease'],
  ['lease', 'linearizable', 'linearizable'],
  ['linearizable', 'nothing', 'linearizable'],
  ['linearizable', 'local', 'linearizable'],
  ['linearizable', 'lease', 'linearizable'],
])('a method that declares %s, called with %s, is answered at %s', (declared, wanted, level) => {
  const given = (word: Consistency | 'nothing') => (word === 'nothing' ? undefined : word);
  expect(levelOf(given(declared), given(wanted))).toBe(level);
});

it.each<Consistency | undefined>([undefined, 'local', 'linearizable'])(
  'what is no level is not passed over in silence where a method declares %s',
  (declared) => {
    expect(levelOf(declared, 'strong' as Consistency)).toBe('strong');
  },
);

it('only a level that there is can be written in a call', () => {
  const options: CallOptions[] = [{ consistency: 'lease' }, { token: 'text' }];
  // @ts-expect-error There is no such level.
  options.push({ consistency: 'strong' });
  expect(options).toHaveLength(3);
});
