import { stableHash } from '@decoraft/base';
import type { CommandProposal, Outcome } from '@decoraft/protocol';
import type { LogEntry } from './applied.js';
import type { ValueCodec } from './codec.js';
import type { Consequences } from './consequences.js';
import { failureOf } from './failure.js';
import type { Call, CommandPlace, MachineHost } from './machine-host.js';
import type { Subscriptions } from './subscriptions.js';
import type { Timer, Timers } from './timers.js';

type Place = Pick<CommandPlace, 'index' | 'term' | 'time' | 'ordinals'>;

export interface EntryCommandsOptions {
  readonly codec: ValueCodec;
  readonly machines: MachineHost;
  readonly subscriptions: Subscriptions;
  readonly timers: Timers;
  readonly consequences: Consequences;
}

/** The commands that run at one entry: those of the timers that are due, then the one that the entry asks for. */
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
    return this.#run(proposal, { session: proposal.origin.session, seed: index * 31 + term });
  }

  #fireDue(): void {
    const { consequences, machines, timers } = this.#options;
    const { index, time } = this.#place;
    for (const timer of timers.takeDue(time, (machine) => machines.nameOf(machine) !== undefined)) {
      const outcome = this.#run(timer, { session: undefined, seed: seedOf(this.#place, timer) });
      if (outcome.kind === 'value') continue;
      const { code, message } = outcome;
      const machine = machines.nameOf(timer.machine) ?? '';
      consequences.follow([{ kind: 'timer-failed', index, machine, timer: timer.id, code, message }]);
    }
  }

  #run(call: Call, identity: Pick<CommandPlace, 'session' | 'seed'>): Outcome {
    const { codec, consequences, machines, subscriptions } = this.#options;
    try {
      const { index, ordinals, term, time } = this.#place;
      const { seed, session } = identity;
      const { result, notifications } = machines.command(call, {
        index,
        ordinals,
        term,
        time,
        seed,
        session,
      });
      for (const { key, ordinal, value } of notifications) {
        consequences.tell(subscriptions.publish(key, { index, ordinal }, value));
      }
      return { kind: 'value', value: result };
    } catch (thrown) {
      return failureOf(codec, thrown);
    }
  }
}

function seedOf({ index, term }: Place, { id, machine }: Timer): number {
  return stableHash(`${index}/${term}/${machine}/${id}`);
}
