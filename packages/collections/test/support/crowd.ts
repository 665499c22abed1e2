import type { SessionId, SubscriptionId } from '@decoraft/protocol';
import { expect } from 'vitest';
import type { MachineLog } from './machine-log.js';

/** A visitor of a machine, who listens to what it is told. */
export interface Member {
  readonly session: SessionId;
  readonly visitor: number;
  readonly subscription: SubscriptionId;
  /** All that it should have heard. */
  readonly expected: unknown[];
}

/** Those who visit a machine. One session may be several of them. */
export class Crowd {
  readonly #log: MachineLog;
  readonly #topic: string;
  #members: Member[] = [];

  /** @param topic The event that tells a visitor something. */
  constructor(log: MachineLog, topic: string, sessions: number) {
    this.#log = log;
    this.#topic = topic;
    for (let count = 0; count < sessions; count++) this.arrive(log.open());
  }

  arrive(session: SessionId): void {
    const visitor = this.#log.command(session, 'attend') as number;
    const subscription = this.#log.subscribe(session, this.#topic, visitor);
    this.#members.push({ session, visitor, subscription, expected: [] });
  }

  /** Counts round. */
  at(who: number): Member {
    const member = this.#members[who % this.#members.length];
    if (!member) throw new Error('nobody is there');
    return member;
  }

  /** Somebody of another session, if there is one. */
  strangerTo({ session }: Member): Member | undefined {
    return this.#members.find((other) => other.session !== session);
  }

  /** The visitor says good-bye. Somebody else comes, under the same session. */
  depart(member: Member): void {
    this.#log.command(member.session, 'depart', member.visitor);
    this.#members = this.#members.filter((other) => other !== member);
    this.arrive(member.session);
  }

  /** Ends a session. Somebody else comes. @returns Those who were of it, in the order in which they came. */
  end(session: SessionId): readonly Member[] {
    this.#log.end(session);
    const gone = this.#members.filter((other) => other.session === session);
    this.#members = this.#members.filter((other) => other.session !== session);
    this.arrive(this.#log.open());
    return gone;
  }

  mustHaveHeard(): void {
    for (const { expected, subscription } of this.#members) {
      expect(this.#log.heard(subscription)).toEqual(expected);
    }
  }
}
