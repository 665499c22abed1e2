import { decodeMembersImage, memberRecord } from '@decoraft/protocol';
import { configurationOf, nodeId } from '@decoraft/raft';
import { describe, expect, it } from 'vitest';
import { listMembers, Members } from '../src/index.js';
import { checkJoining } from '../src/members.js';

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(nodeId) as [
  ReturnType<typeof nodeId>,
  ReturnType<typeof nodeId>,
  ReturnType<typeof nodeId>,
  ReturnType<typeof nodeId>,
];

function threeMembers(): Members {
  const members = new Members();
  const list = ['a', 'b', 'c'].map((id) => memberRecord({ id, address: `h:${id}` }));
  members.update({ clusterId: 'orders', members: list });
  return members;
}

describe('members', () => {
  it('are forgotten when they leave the configuration, and their ids with them for ever', () => {
    const members = threeMembers();
    members.retire(configurationOf({ voters: [a, b, c] }), configurationOf({ voters: [a, b] }));
    expect(members.get('c')).toBeUndefined();
    expect(members.isRetired('c')).toBe(true);
    const joining = { ...memberRecord({ id: 'c', address: 'h:9' }), disk: 5 };
    expect(() => checkJoining(members, joining)).toThrow('ids are never used again');
  });

  it('stay while a joint configuration has them in one half', () => {
    const members = threeMembers();
    const before = configurationOf({ voters: [a, b, c] });
    members.retire(before, { ...configurationOf({ voters: [a, b] }), votersOutgoing: [a, b, c] });
    expect(members.get('c')).toBeDefined();
  });

  it('that come back with another disk are refused, and those of an unknown disk are not', () => {
    const members = threeMembers();
    expect(members.isOtherDisk('a', 7)).toBe(false);
    members.update({ members: [{ ...memberRecord({ id: 'a', address: 'h:a' }), disk: 7 }] });
    expect(members.isOtherDisk('a', 7)).toBe(false);
    expect(members.isOtherDisk('a', 8)).toBe(true);
    const returning = { ...memberRecord({ id: 'a', address: 'h:a' }), disk: 8 };
    expect(() => checkJoining(members, returning)).toThrow(/another disk.*new id/);
  });

  it('may not take the address of another, unless they replace it', () => {
    const members = threeMembers();
    const joining = { ...memberRecord({ id: 'd', address: 'h:c' }), disk: 4 };
    expect(() => checkJoining(members, joining)).toThrow('c has the address h:c already');
    expect(() => checkJoining(members, { ...joining, replaces: 'c' })).not.toThrow();
  });

  it('come back from a snapshot as they were', () => {
    const members = threeMembers();
    members.retire(configurationOf({ voters: [a, b, c] }), configurationOf({ voters: [a, b] }));
    const restored = new Members();
    restored.restore(decodeMembersImage(members.encode()));
    expect(restored.encode()).toEqual(members.encode());
    expect(restored.clusterId).toBe('orders');
    expect(restored.isRetired('c')).toBe(true);
  });

  it('are found by what the node was told until the log says more', () => {
    const members = new Members(new Map([['a', 'h:0']]));
    expect(members.addressOf('a')).toBe('h:0');
    members.update({ members: [memberRecord({ id: 'a', address: 'h:1' })] });
    expect(members.addressOf('a')).toBe('h:1');
  });

  it('that no entry names yet are found by what they said last, and by nothing once an entry says it', () => {
    const members = new Members(new Map([['a', 'h:0']]));
    members.heardOf('a', 'h:1');
    expect(members.addressOf('a')).toBe('h:1');
    members.update({ members: [memberRecord({ id: 'a', address: 'h:2' })] });
    members.heardOf('a', 'h:3');
    expect(members.addressOf('a')).toBe('h:2');
  });

  it('that were removed are reached no more, whatever they say', () => {
    const members = new Members(new Map([['c', 'h:0']]));
    members.retire(configurationOf({ voters: [a, c] }), configurationOf({ voters: [a] }));
    members.heardOf('c', 'h:1');
    expect(members.addressOf('c')).toBeUndefined();
  });

  it('that no entry names are remembered in a bounded number: the silent ones are forgotten', () => {
    const members = new Members();
    members.heardOf('first', 'h:0');
    members.heardOf('second', 'h:1');
    members.heardOf('first', 'h:0');
    for (let other = 0; other < 31; other++) members.heardOf(`other-${other}`, `h:${other}`);
    expect(members.addressOf('first')).toBe('h:0');
    expect(members.addressOf('second')).toBeUndefined();
  });

  it('are listed with what they may do, in a joint configuration too', () => {
    const configuration = {
      voters: [a, b],
      votersOutgoing: [a, c],
      learners: [d],
      learnersNext: [],
      autoLeave: true,
    };
    const roles = listMembers(threeMembers(), configuration).map(({ id, role }) => `${id} ${role}`);
    expect(roles).toEqual(['a voter', 'b joining', 'c leaving', 'd learner']);
  });
});
