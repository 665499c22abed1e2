import { type Cluster, type DecoraftError, type OnSessionExpired } from 'decoraft/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CounterClient } from '../examples/counter/src/generated/counter.client.js';
import { VirtualCluster } from './support/virtual-cluster.js';

let cluster: VirtualCluster;
let isCut: boolean;

beforeEach(async () => {
  isCut = false;
  cluster = await VirtualCluster.start();
});

afterEach(() => cluster.close());

interface Ended {
  readonly code: string;
  readonly data: unknown;
}

/** How work ended: its value, or code and data of its error. */
const endOf = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown): Ended => {
    const { code, data } = error as DecoraftError;
    return { code, data };
  });

const EXPIRED = { code: 'SessionExpired', data: { mayHaveHappened: false } };

/** A client whose connections can be cut, with all that it was told about its sessions. */
async function connect(
  onSessionExpired?: OnSessionExpired,
): Promise<{ client: Cluster; counter: CounterClient; told: number[] }> {
  const dial: typeof cluster.network.dial = (address, events, options) =>
    isCut ? Promise.reject(new Error('cut off')) : cluster.network.dial(address, events, options);
  const client = await cluster.connect({
    sessionTimeoutMs: 5_000,
    transport: { dial },
    ...(onSessionExpired && { onSessionExpired }),
  });
  const told: number[] = [];
  client.on('sessionExpired', ({ session }) => told.push(session));
  return { client, counter: new CounterClient(client, 'counter'), told };
}

function cut(): void {
  isCut = true;
  for (const id of ['a', 'b', 'c']) cluster.network.sever(cluster.address(id));
}

async function silence(): Promise<void> {
  cut();
  await cluster.pass(15_000);
  isCut = false;
}

describe('a session whose client was silent', () => {
  it('ends, is told once, and lets every call fail until a new one is asked for', async () => {
    const { client, counter, told } = await connect();
    const stop = await cluster.during(counter.onChanged(() => undefined));
    await cluster.during(counter.add(1));
    await silence();
    const [ended, added] = await cluster.during(Promise.all([stop.ended, endOf(counter.add(1))]));
    expect(ended?.code).toBe('SessionExpired');
    expect(added).toEqual(EXPIRED);
    expect(await cluster.during(endOf(counter.add(1)))).toEqual(EXPIRED);
    expect(await cluster.during(endOf(counter.onChanged(() => undefined)))).toEqual(EXPIRED);
    expect(await cluster.during(counter.current())).toBe(1);
    await cluster.during(client.renewSession());
    const seen: number[] = [];
    await cluster.during(counter.onChanged((value) => seen.push(value)));
    expect(await cluster.during(counter.add(1))).toBe(2);
    await cluster.until('the event of the new session', () => seen.length > 0);
    expect(seen).toEqual([2]);
    expect(told).toHaveLength(1);
  });

  it('is followed by a new one with the next call, where that was asked for, and is told as well', async () => {
    const { counter, told } = await connect('renew');
    const stop = await cluster.during(counter.onChanged(() => undefined));
    await cluster.during(counter.add(1));
    for (let round = 2; round < 5; round++) {
      await silence();
      const [first, second] = await cluster.during(
        Promise.all([endOf(counter.add(1)), endOf(counter.add(1))]),
      );
      // Whether the client has heard of the end before its next call is a matter of chance.
      expect([EXPIRED, round]).toContainEqual(first);
      expect([EXPIRED, round, round + 1]).toContainEqual(second);
      const now = (await cluster.during(counter.with({ consistency: 'linearizable' }).current())) - round + 1;
      await cluster.during(counter.add(1 - now));
    }
    expect((await stop.ended)?.code).toBe('SessionExpired');
    expect(new Set(told).size).toBe(3);
    expect(told).toHaveLength(3);
  });

  it('says of each command that waited whether it may have been applied, and applies none of them again', async () => {
    const { counter } = await connect();
    const patient = counter.with({ timeoutMs: 60_000 });
    await cluster.during(counter.add(1));
    // These leave before the connection breaks: some may be applied, and none is answered.
    const sent = Array.from({ length: 5 }, () => endOf(patient.add(1)));
    await new Promise((resolve) => setImmediate(resolve));
    cut();
    await cluster.pass(1_000);
    const unsent = Array.from({ length: 5 }, () => endOf(patient.add(1)));
    await cluster.pass(15_000);
    isCut = false;
    const ends = (await cluster.during(Promise.all([...sent, ...unsent]))) as Ended[];
    expect(ends.map(({ code }) => code)).toEqual(Array.from({ length: 10 }, () => 'SessionExpired'));
    const mayHaveHappened = ends.filter(({ data }) => (data as { mayHaveHappened: boolean }).mayHaveHappened);
    expect(ends.slice(5)).toEqual(Array.from({ length: 5 }, () => EXPIRED));
    const value = await cluster.during(counter.with({ consistency: 'linearizable' }).current());
    expect(value).toBeLessThanOrEqual(1 + mayHaveHappened.length);
  });
});

describe('a session that goes on', () => {
  it('is not told to be over, and renewing it changes nothing', async () => {
    const { client, counter, told } = await connect();
    expect(await cluster.during(counter.add(1))).toBe(1);
    const stop = await cluster.during(counter.onChanged(() => undefined));
    await cluster.during(client.renewSession());
    await cluster.pass(30_000);
    expect(await cluster.during(counter.add(1))).toBe(2);
    expect(await Promise.race([stop.ended, Promise.resolve('goes on')])).toBe('goes on');
    expect(told).toEqual([]);
  });
});

it('what follows the end of a session is one of two things', async () => {
  const connecting = cluster.connect({ onSessionExpired: 'retry' as OnSessionExpired });
  await expect(connecting).rejects.toThrow("onSessionExpired is 'fail' or 'renew', not retry");
});
