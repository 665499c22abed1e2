import type { SubscriptionId } from '@decoraft/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JoinAnswer, MembershipChange, MembershipChanges, MembershipView } from '../src/index.js';
import { applyChange, createState, viewOf } from '../src/registry/state.js';
import { RegistryLog } from './support/registry-log.js';

interface ModelMember {
  isOnline: boolean;
  incarnation: number;
  groups: string[];
}

/** The membership as one would write it on paper: who is in a group is looked for, each time. */
class Model {
  readonly members = new Map<string, ModelMember>();
  readonly groups = new Set<string>();
  readonly leaders = new Map<string, string>();
  /** The order of joining, over all groups. */
  readonly joined: { readonly group: string; readonly id: string }[] = [];

  inGroup(group: string): readonly string[] {
    return this.joined.filter((one) => one.group === group).map(({ id }) => id);
  }

  joinGroup(id: string, group: string): void {
    this.groups.add(group);
    if (this.inGroup(group).includes(id)) return;
    this.joined.push({ group, id });
    this.members.get(id)?.groups.push(group);
    this.lead();
  }

  leaveGroup(id: string, group: string): void {
    const at = this.joined.findIndex((one) => one.group === group && one.id === id);
    if (at < 0) return;
    this.joined.splice(at, 1);
    const member = this.members.get(id);
    if (member) member.groups = member.groups.filter((other) => other !== group);
    this.lead();
  }

  setOnline(id: string, isOnline: boolean): void {
    const member = this.members.get(id);
    if (member) member.isOnline = isOnline;
    this.lead();
  }

  /** The first to join, then the online member with the smallest id. */
  lead(): void {
    for (const group of this.groups) {
      const online = this.inGroup(group).filter((id) => this.members.get(id)?.isOnline);
      const leader = this.leaders.get(group);
      if (leader !== undefined && online.includes(leader)) continue;
      const [smallest] = online.toSorted();
      if (smallest === undefined) this.leaders.delete(group);
      else this.leaders.set(group, smallest);
    }
  }

  get shape(): unknown {
    const groups = [...this.groups].toSorted().map((name) => ({
      name,
      members: this.inGroup(name),
      leader: this.leaders.get(name),
    }));
    const ids = [...this.members.keys()].toSorted();
    return { members: ids.map((id) => ({ id, ...this.members.get(id) })), groups };
  }
}

function shapeOf({ groups, members }: MembershipView): unknown {
  return {
    members: members.map(({ groups: own, id, incarnation, isOnline }) => ({
      id,
      isOnline,
      incarnation,
      groups: own,
    })),
    groups: groups.map(({ leader, members: ids, name }) => ({ name, members: ids, leader })),
  };
}

const IDS = ['a', 'b', 'c', 'd'] as const;
const GROUPS = ['x', 'y', 'z'] as const;
const id = fc.constantFrom(...IDS);
const group = fc.constantFrom(...GROUPS);
const anyStep = fc.oneof(
  fc.record({ kind: fc.constant('join' as const), id, groups: fc.uniqueArray(group) }),
  fc.record({ kind: fc.constantFrom('leave' as const, 'silent' as const, 'heard' as const), id }),
  fc.record({ kind: fc.constantFrom('joinGroup' as const, 'leaveGroup' as const), id, group }),
  fc.record({ kind: fc.constantFrom('createGroup' as const, 'deleteGroup' as const), group }),
  // Another term, another replica.
  fc.record({ kind: fc.constantFrom('term' as const, 'restart' as const) }),
);
type Step = typeof anyStep extends fc.Arbitrary<infer One> ? One : never;

/** One step, of the machine and of the model. */
function take(step: Step, log: RegistryLog, model: Model): void {
  const member = 'id' in step ? model.members.get(step.id) : undefined;
  switch (step.kind) {
    case 'join': {
      const groups: readonly string[] = step.groups;
      const request = { id: step.id, address: 'here:1', metadata: {}, groups, timeoutMs: 1_000 };
      const answer = log.command('join', request) as JoinAnswer;
      expect(answer.member).toMatchObject({ id: step.id, incarnation: log.index, isOnline: true });
      if (member) {
        model.setOnline(step.id, false);
        const left = member.groups.filter((old) => !groups.includes(old));
        for (const old of left) model.leaveGroup(step.id, old);
        member.incarnation = log.index;
        model.setOnline(step.id, true);
      } else {
        model.members.set(step.id, { isOnline: true, incarnation: log.index, groups: [] });
      }
      for (const name of groups) model.joinGroup(step.id, name);
      return;
    }
    case 'leave':
      log.command('leave', step.id);
      for (const name of member?.groups ?? []) model.leaveGroup(step.id, name);
      model.members.delete(step.id);
      return;
    case 'silent': {
      if (!member) return;
      const { member: record } = log.query('member', step.id) as JoinAnswer;
      const { incarnation, onlineVersion } = record;
      log.timeMs += 1_000;
      const silence = { id: step.id, incarnation, onlineVersion, lastSeenMs: log.timeMs - 1_000 };
      log.command('markOffline', log.term, [silence]);
      return model.setOnline(step.id, false);
    }
    case 'heard':
      if (!member) return;
      log.command('markOnline', log.term, [{ id: step.id, incarnation: member.incarnation }]);
      return model.setOnline(step.id, true);
    case 'joinGroup':
    case 'leaveGroup': {
      if (!member) return;
      log.command(step.kind, { id: step.id, incarnation: member.incarnation }, step.group);
      return model[step.kind](step.id, step.group);
    }
    case 'createGroup':
      log.command('createGroup', step.group);
      return void model.groups.add(step.group);
    case 'deleteGroup':
      log.command('deleteGroup', step.group);
      for (const one of model.inGroup(step.group)) model.leaveGroup(one, step.group);
      model.leaders.delete(step.group);
      return void model.groups.delete(step.group);
    case 'term':
      log.term += 1;
      return;
    default:
      return log.restart();
  }
}

/** A subscription to each event, for each group where it is one of groups. */
function subscribeToAll(log: RegistryLog): readonly SubscriptionId[] {
  const any = [
    'onAnyMemberJoined',
    'onAnyMemberLeft',
    'onAnyMemberOnline',
    'onAnyMemberOffline',
    'onAnyGroupCreated',
    'onAnyGroupDeleted',
  ];
  const ofGroup = [
    'onGroupMemberJoined',
    'onGroupMemberLeft',
    'onGroupMemberOnline',
    'onGroupMemberOffline',
    'onGroupLeaderChanged',
  ];
  return [
    ...any.map((name) => log.subscribe(name)),
    ...ofGroup.flatMap((name) => GROUPS.map((selected) => log.subscribe(name, selected))),
  ];
}

it('the registry is what its model is, whatever is asked of it, and its changes lead there', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
      const [log, model, follower] = [new RegistryLog(), new Model(), createState()];
      const all = log.subscribe('onChanges');
      const each = subscribeToAll(log);
      for (const one of steps) {
        take(one, log, model);
        const view = log.query('view') as MembershipView;
        expect(shapeOf(view)).toEqual(model.shape);
      }
      const changes = (log.heard(all) as readonly MembershipChanges[]).flatMap((batch) => batch.changes);
      expect(changes.map(({ version }) => version)).toEqual(changes.map((_, at) => at + 1));
      for (const change of changes) applyChange(follower, change);
      expect(viewOf(follower)).toEqual(log.query('view'));
      // The eleven kinds of event tell the same, each to those who selected it.
      const told = each.flatMap((one) => log.heard(one) as readonly MembershipChange[]);
      expect(told.toSorted((left, right) => left.version - right.version)).toEqual(changes);
      log.mustAgree();
    }),
    { numRuns: 150 },
  );
});
