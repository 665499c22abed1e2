import { binding, CALL_METADATA, IS_LEADER } from '@decoraft/base';
import { encodeProposal, type Outcome, type SessionId, stampProposal } from '@decoraft/protocol';
import { describe, expect, it } from 'vitest';
import { cmd, defineOperations, qry, Replica, StateMachine } from '../src/index.js';
import { call, jsonCodec, tableOf } from './fixtures.js';

const DEPTH = binding(0, 'DEPTH');

/** Does what no machine may: it asks who runs it. */
class Curious extends StateMachine {
  seen: unknown[] = [];

  @cmd lead(): void {
    this.seen.push('asked');
    this.seen.push(IS_LEADER.get());
  }

  @cmd nest(): number {
    return DEPTH.run(3, () => DEPTH.get());
  }

  @qry metadata(): string {
    return CALL_METADATA.get()['tenant'] ?? 'none';
  }
}
defineOperations(Curious, tableOf('Curious', { lead: ['cmd'], nest: ['cmd'], metadata: ['qry'] }));

function curious(): { readonly replica: Replica; readonly machine: Curious } {
  const [replica, machine] = [new Replica(jsonCodec), new Curious()];
  replica.register('curious', machine);
  replica.apply({
    index: 1,
    term: 1,
    data: stampProposal(0, encodeProposal({ kind: 'open-session', timeoutMs: 5_000 })),
  });
  return { replica, machine };
}

function apply(replica: Replica, method: string): Outcome {
  const origin = { session: 1 as SessionId, sequence: 1, acknowledged: 0 };
  const data = encodeProposal({ kind: 'command', origin, ...call('curious', method) });
  return replica.apply({ index: 2, term: 1, data: stampProposal(1, data) }).outcome;
}

describe('a command that reads a binding', () => {
  it('fails with the same words and leaves the same state, on the leader and elsewhere', () => {
    const [leader, follower] = [curious(), curious()];
    const led = IS_LEADER.run(true, () => apply(leader.replica, 'lead'));
    const followed = apply(follower.replica, 'lead');
    expect(led).toMatchObject({ kind: 'error', code: 'CommandRejected' });
    expect(JSON.stringify(led)).toContain('IS_LEADER is read in curious.lead');
    expect(followed).toEqual(led);
    expect([leader.machine.seen, follower.machine.seen]).toEqual([['asked'], ['asked']]);
  });

  it('reads what it has bound itself', () => {
    const { replica } = curious();
    expect(DEPTH.run(7, () => apply(replica, 'nest'))).toMatchObject({ kind: 'value' });
  });
});

describe('a query that reads a binding', () => {
  it('fails, whoever asks', () => {
    const { replica } = curious();
    const ask = (): Outcome =>
      replica.query({ ...call('curious', 'metadata'), consistency: 'local' } as never);
    const refused = CALL_METADATA.run({ tenant: 'mine' }, ask);
    expect(refused).toMatchObject({ kind: 'error', code: 'CommandRejected' });
    expect(JSON.stringify(refused)).toContain('CALL_METADATA is read in curious.metadata');
    expect(ask()).toEqual(refused);
  });
});
