import {
  encodeProposal,
  type MachineHash,
  MASTER_MACHINE,
  type Proposal,
  type SessionId,
  stampProposal,
} from '@decoraft/protocol';
import { describe, expect, it } from 'vitest';
import { type Replica, withoutClients } from '../src/index.js';
import { AlarmLog, alarmReplica } from './alarm.js';
import { call } from './fixtures.js';
import { applyTo, createReplica } from './ledger.js';

const session = 1 as SessionId;
const payment: Proposal = {
  kind: 'command',
  origin: { session, sequence: 2, acknowledged: 0 },
  ...call('ledger', 'pay', 'ann', 5),
};
const log: readonly Proposal[] = [
  { kind: 'open-session', timeoutMs: 5_000 },
  {
    kind: 'subscribe',
    origin: { session, sequence: 1, acknowledged: 0 },
    ...call('ledger', 'onPaid', 'ann'),
  },
  payment,
];
const INDEX = 4e12;

function source(): Replica {
  const replica = createReplica();
  for (const at of log.keys()) applyTo(replica, log, at);
  return replica;
}

async function* cut(image: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < image.length; at += length) yield image.subarray(at, at + length);
}

function machinesOf(replica: Replica): readonly MachineHash[] {
  return replica
    .view()
    .hashesNow()
    .filter(({ machine }) => machine !== MASTER_MACHINE);
}

describe('an image without its clients', () => {
  it('has the machines at another index, no subscriptions, and sessions that end, however it is cut', async () => {
    const before = source();
    expect(before.sessions.get(session)).toBeDefined();
    for (const length of [1, 7, 1_000_000]) {
      const after = createReplica();
      await after.restoreFrom(withoutClients(cut(before.snapshot(), length), INDEX));
      expect(after.appliedIndex).toBe(INDEX);
      expect(after.time).toBe(before.time);
      expect([...after.sessions.all()]).toMatchObject([{ id: session, timeoutMs: 0, replyBytes: 0 }]);
      // A leader that is asked before the first entry says what it will say behind it.
      expect(after.sessions.get(session)).toBeUndefined();
      expect([...after.subscriptions.all()]).toEqual([]);
      expect(machinesOf(after)).toEqual(machinesOf(before));
      expect(machinesOf(after).length).toBeGreaterThan(1);
      // What was asked of the group before is not answered any more.
      const data = stampProposal(2_000, encodeProposal(payment));
      const { news, outcome } = after.apply({ index: INDEX + 1, term: 9, data });
      expect(outcome).toMatchObject({ kind: 'error', code: 'SessionExpired' });
      expect(news).toEqual([{ kind: 'session-over', session }]);
      expect([...after.sessions.all()]).toEqual([]);
    }
  });

  it('keeps the timers of the machines, which fire by the time that goes on', async () => {
    const alarms = new AlarmLog();
    alarms.command('setFor', 100, 'a');
    alarms.command('setFor', 200, 'b');
    alarms.pass(1_100);
    const after = alarmReplica();
    await after.restoreFrom(withoutClients(cut(alarms.replicas[0].snapshot(), 10), INDEX));
    expect(after.timers.count).toBe(1);
    expect(alarms.names(after)).toEqual(['a']);
    const advance = encodeProposal({ kind: 'advance-time' });
    after.apply({ index: INDEX + 1, term: 9, data: stampProposal(1_199, advance) });
    expect(alarms.names(after)).toEqual(['a']);
    after.apply({ index: INDEX + 2, term: 9, data: stampProposal(1_200, advance) });
    expect(alarms.names(after)).toEqual(['a', 'b']);
  });

  it('is refused when it ends within its head, is of another format, or would go back', async () => {
    const image = source().snapshot();
    const gather = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
      for await (const _ of chunks) void _;
    };
    await expect(gather(withoutClients(cut(image.subarray(0, 20), 3), INDEX))).rejects.toMatchObject({
      code: 'Corrupted',
    });
    const other = image.slice();
    other[0] = 1;
    await expect(gather(withoutClients(cut(other, 100), INDEX))).rejects.toMatchObject({
      code: 'Unimplemented',
    });
    await expect(gather(withoutClients(cut(image, 100), 2))).rejects.toMatchObject({
      code: 'InvalidArgument',
    });
  });
});
