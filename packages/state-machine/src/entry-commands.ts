import { stableHash } from '@decoraft/base';
import type { CommandProposal, Outcome, SessionId } from '@decoraft/protocol';
import type { LogEntry } from './applied.js';
import type { CommandPlace, Notification } from './call.js';
import type { ValueCodec } from './codec.js';
import type { Consequences } from './consequences.js';
import { failureOf } from './failure.js';
import type { MachineHost } from './machine-host.js';
import type { Subscriptions } from './subscriptions.js';
import type { Timers } from './timers.js';

const NO_BYTES = new Uint8Array(0);

/** What came of what ran. */
interface Ran {
  readonly result: Uint8Array;
  readonly notifications: readonly Notification[];
}

type Place = Pick<CommandPlace, 'index' | 'term' | 'time' | 'ordinals'>;

export interface EntryCommandsOptions {
  readonly codec: ValueCodec;
  readonly machines: MachineHost;
  readonly subscriptions: Subscriptions;
  readonly timers: Timers;
  readonly consequences: Consequences;
}

/**
 * What runs at one entry: the commands of the timers that are due, then the one that the entry asks for, or what
 * machines do when a session ends.
 */
export class EntryCommands {
  readonly #options: EntryCommandsOptions;
  #place: Place = { index: 0, term: 0, time: 0, ordinals: { next: 0 } };

  constructor(options: EntryCommandsOptions) {
    this.#options = options;
  }

  /** What runs from now on runs at this entry; what the timers have waited for that are due runs at once. */
  begin({ index, term }: LogEntry, time: number): void {
    this.#place = { index, term, time, ordinals: { next: 0 } };
    if (this.#options.timers.nextDueMs <= time) this.#fireDue();
  }

  /** Runs what a client asks for. Never throws: what goes wrong is the answer. */
  run(proposal: CommandProposal): Outcome {
    const { index, term } = this.#place;
    const identity = { session: proposal.origin.session, seed: index * 31 + term };
    return this.#run(identity, (place) => this.#options.machines.command(proposal, place));
  }

  /** Tells every machine that a session is no more. Never throws: what goes wrong is told to the operator. */
  endSession(session: SessionId): void {
    const { consequences, machines } = this.#options;
    const { index } = this.#place;
    for (const id of machines.hearing) {
      const identity = { session, seed: seedOf(this.#place, `end/${id}/${session}`) };
      const outcome = this.#run(identity, (place) => {
        return { notifications: machines.sessionEnded(id, session, place), result: NO_BYTES };
      });
      if (outcome.kind === 'value') continue;
      const { code, message } = outcome;
      const machine = machines.nameOf(id) ?? '';
      consequences.follow([{ kind: 'session-end-failed', index, machine, session, code, message }]);
    }
  }

  #fireDue(): void {
    const { consequences, machines, timers } = this.#options;
    const { index, time } = this.#place;
    for (const timer of timers.takeDue(time, (machine) => machines.nameOf(machine) !== undefined)) {
      const identity = { session: undefined, seed: seedOf(this.#place, `${timer.machine}/${timer.id}`) };
      const outcome = this.#run(identity, (place) => machines.command(timer, place));
      if (outcome.kind === 'value') continue;
      const { code, message } = outcome;
      const machine = machines.nameOf(timer.machine) ?? '';
      consequences.follow([{ kind: 'timer-failed', index, machine, timer: timer.id, code, message }]);
    }
  }

  #run(identity: Pick<CommandPlace, 'session' | 'seed'>, run: (place: CommandPlace) => Ran): Outcome {
    const { codec, consequences, subscriptions } = this.#options;
    try {
      const { index, ordinals, term, time } = this.#place;
      const { seed, session } = identity;
      const { result, notifications } = run({ index, ordinals, term, time, seed, session });
      for (const { key, ordinal, value } of notifications) {
        consequences.tell(subscriptions.publish(key, { index, ordinal }, value));
      }
      return { kind: 'value', value: result };
    } catch (thrown) {
      return failureOf(codec, thrown);
    }
  }
}

function seedOf({ index, term }: Place, what: string): number {
  return stableHash(`${index}/${term}/${what}`);
}
