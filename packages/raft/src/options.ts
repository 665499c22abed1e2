import { CodedError, type Logger, type Random } from '@decoraft/base';
import type { Configuration, HardState } from './entry.js';
import { type Index, NOBODY, type NodeId } from './ids.js';
import type { InflightLimits } from './inflights.js';
import type { LogReader } from './log-store.js';

const MEBIBYTE = 1024 * 1024;

export interface RaftOptions {
  /** This server. Not empty. */
  readonly id: NodeId;
  /** The log store's reading side. All that it shows at the start must be durable. */
  readonly log: LogReader;
  /** As the store has it at the start. */
  readonly hardState: HardState;
  /**
   * Who decides, as of `applied`: changes behind it take effect when they are applied. Without voters, or when this
   * server is none of them, it never campaigns.
   */
  readonly configuration: Configuration;
  /**
   * What the state machine has applied already; by default what the log was compacted through, 0 when it was not.
   * Entries behind it are handed out.
   */
  readonly applied?: Index;
  /** Ticks without a leader until a campaign: each wait is drawn from [this, twice this) (§5.2). At least 1. */
  readonly electionTicks: number;
  /** Ticks from one heartbeat to the next. At least 1, below `electionTicks`. */
  readonly heartbeatTicks: number;
  /** Ask before campaigning, so that a server that was cut off disturbs nobody (thesis §9.6); true by default. */
  readonly preVote?: boolean;
  /**
   * A leader that lost its majority steps down, and who hears from a leader helps no other (thesis §6.2); true by
   * default.
   */
  readonly checkQuorum?: boolean;
  /** Bytes of data in one AppendRequest; 1 MiB by default. One entry is sent however large. */
  readonly maxMessageBytes?: number;
  /** AppendRequests under way to one peer; 256 by default. */
  readonly maxInflightMessages?: number;
  /** Bytes of data under way to one peer; 16 MiB by default. */
  readonly maxInflightBytes?: number;
  /** Bytes of proposals that wait to be committed; 64 MiB by default. While none waits, one of any size is taken. */
  readonly maxUncommittedBytes?: number;
  /** Bytes of committed entries in one ready, and in all that are not applied yet; 16 MiB by default. */
  readonly maxCommittedBytes?: number;
  /**
   * From 0 to 255; 0 by default. Who has a higher one refuses its vote to a log that is not strictly newer than its
   * own, so that among equals the highest leads. It never stands against a newer log.
   */
  readonly priority?: number;
  /**
   * How a read is proven: `safe`, by default, by a round of heartbeats; `lease`, by the latest round that a majority
   * answered, for as long as no other leader can have come since, by ticks (thesis §6.4.1). Requires `checkQuorum`.
   */
  readonly readOnlyOption?: 'safe' | 'lease';
  /** A follower passes proposals on to its leader; false by default. They are passed on once. */
  readonly proposalForwarding?: boolean;
  /** Writing and applying go through messages to threads of the driver's own; false by default. */
  readonly asyncStorageWrites?: boolean;
  /** Draws the election timeouts. */
  readonly random: Random;
  /** Silent by default. */
  readonly logger?: Logger;
}

/** What does not change while a server runs. */
export interface Settings {
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  readonly maxMessageBytes: number;
  readonly maxUncommittedBytes: number;
  readonly maxCommittedBytes: number;
  readonly inflightLimits: InflightLimits;
  readonly priority: number;
  readonly readOnlyOption: 'safe' | 'lease';
  readonly proposalForwarding: boolean;
  readonly asyncStorageWrites: boolean;
}

/**
 * The options with their defaults.
 *
 * @throws CodedError `InvalidArgument`, naming the option, for values no server can run with.
 */
export function settingsOf(options: RaftOptions): Settings {
  const { configuration, electionTicks, heartbeatTicks, id } = options;
  if (id === NOBODY) throw invalid('id is empty');
  if (configuration.voters.includes(NOBODY)) throw invalid('configuration.voters has an empty id');
  if (new Set(configuration.voters).size < configuration.voters.length) {
    throw invalid('configuration.voters names a server twice');
  }
  const limit = (name: LimitName, byDefault: number): number => atLeastOne(name, options[name] ?? byDefault);
  atLeastOne('heartbeatTicks', heartbeatTicks);
  atLeastOne('electionTicks', electionTicks);
  if (electionTicks <= heartbeatTicks) {
    throw invalid(`electionTicks is ${electionTicks}; it must be above heartbeatTicks, ${heartbeatTicks}`);
  }
  const { priority = 0, readOnlyOption = 'safe' } = options;
  if (!Number.isInteger(priority) || priority < 0 || priority > 255) {
    throw invalid(`priority is ${priority}; it must be an integer from 0 to 255`);
  }
  if (readOnlyOption === 'lease' && options.checkQuorum === false) {
    throw invalid('readOnlyOption is lease; it requires checkQuorum');
  }
  return {
    electionTicks,
    heartbeatTicks,
    preVote: options.preVote ?? true,
    checkQuorum: options.checkQuorum ?? true,
    maxMessageBytes: limit('maxMessageBytes', MEBIBYTE),
    maxUncommittedBytes: limit('maxUncommittedBytes', 64 * MEBIBYTE),
    maxCommittedBytes: limit('maxCommittedBytes', 16 * MEBIBYTE),
    priority,
    readOnlyOption,
    proposalForwarding: options.proposalForwarding ?? false,
    asyncStorageWrites: options.asyncStorageWrites ?? false,
    inflightLimits: {
      maxMessages: limit('maxInflightMessages', 256),
      maxBytes: limit('maxInflightBytes', 16 * MEBIBYTE),
    },
  };
}

type LimitName = Extract<keyof RaftOptions, `max${string}`>;

function atLeastOne(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw invalid(`${name} is ${value}; it must be an integer of at least 1`);
  }
  return value;
}

function invalid(words: string): CodedError {
  return new CodedError('InvalidArgument', words);
}
