import { type Clock, systemClock, systemRandom } from '@decoraft/base';
import { DecoraftError, DEFAULT_GROUP, groupServiceName } from '@decoraft/protocol';
import { ChannelPool, type Dialer, methodId, serviceId } from '@decoraft/rpc';
import { type BackupDescription, readBackupHeader, refuseExisting, writeBackupFile } from '@decoraft/storage';
import { BACKUP_METHOD } from './backup-service.js';

export interface TakeBackupOptions {
  /** Addresses of members, `host:port`: the first that serves does. */
  readonly from: readonly string[];
  /** The file; there must be none of this name. */
  readonly to: string;
  readonly group?: string;
  /** Called as bytes of the data arrive, with the node that serves. */
  readonly onProgress?: (progress: BackupProgress) => void;
  /** Gives up, and leaves nothing behind. */
  readonly signal?: AbortSignal;
  /** How bytes travel; a WebSocket by default. */
  readonly transport?: Dialer;
}

export interface BackupProgress {
  readonly address: string;
  readonly description: BackupDescription;
  readonly doneBytes: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** Without a byte for so long, another node is asked. */
const SILENCE_MS = 30_000;
/** An election takes no longer; asking again begins anew at the first address. */
const ELECTION_LIMIT_MS = 15_000;
const ELECTION_PAUSE_MS = 250;
const BACKOFF = { baseMs: 50, maxMs: 500 } as const;

/**
 * Takes a backup of a running cluster: a file that has all that was acknowledged to anyone before the call. Any node
 * can serve it, and the cluster goes on meanwhile. The file is there whole, flushed and read back, or not at all.
 *
 * @throws DecoraftError `InvalidArgument` when there is such a file, `Unavailable` with the last reason when no address
 *   served, `DiskFull`, `PermissionDenied`, `DiskFailed`; the signal's reason.
 */
export async function takeBackup(options: TakeBackupOptions): Promise<BackupDescription> {
  const { from, to, transport } = options;
  if (from.length === 0) throw new DecoraftError('InvalidArgument', 'a backup needs the address of a node');
  const channels = new ChannelPool({
    clock: systemClock,
    random: systemRandom,
    backoff: BACKOFF,
    transport,
  });
  try {
    await refuseExisting(to);
    return await whenThereIsALeader(() => takeFromAny(channels, options), options.signal);
  } catch (thrown) {
    if (options.signal?.aborted) throw options.signal.reason;
    throw DecoraftError.from(thrown);
  } finally {
    channels.close();
  }
}

/** Nobody can say what was acknowledged while there is no leader. */
async function whenThereIsALeader<Result>(
  work: () => Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  const endMs = systemClock.monotonicMs() + ELECTION_LIMIT_MS;
  for (;;) {
    try {
      return await work();
    } catch (thrown) {
      const { cause } = DecoraftError.from(thrown);
      const isElection = cause instanceof DecoraftError && ['NoLeader', 'NotLeader'].includes(cause.code);
      if (!isElection || signal?.aborted || systemClock.monotonicMs() > endMs) throw thrown;
      await new Promise<void>((resolve) => void systemClock.after(ELECTION_PAUSE_MS, resolve));
    }
  }
}

async function takeFromAny(channels: ChannelPool, options: TakeBackupOptions): Promise<BackupDescription> {
  let reason: DecoraftError | undefined;
  for (const address of options.from) {
    try {
      return await takeFrom(address, channels, options);
    } catch (thrown) {
      options.signal?.throwIfAborted();
      reason = DecoraftError.from(thrown);
      if (!mayServeElsewhere(reason)) throw reason;
    }
  }
  const words = `none of ${options.from.join(', ')} served a backup: ${reason?.message ?? 'no reason'}`;
  throw new DecoraftError('Unavailable', words, { cause: reason });
}

/** What is wrong with the file here is wrong with every node. */
function mayServeElsewhere({ code }: DecoraftError): boolean {
  return !['InvalidArgument', 'DiskFull', 'DiskFailed', 'PermissionDenied'].includes(code);
}

async function takeFrom(
  address: string,
  channels: ChannelPool,
  { group = DEFAULT_GROUP, onProgress, signal, to }: TakeBackupOptions,
): Promise<BackupDescription> {
  const silence = new Silence(systemClock);
  const given = signal ? AbortSignal.any([signal, silence.signal]) : silence.signal;
  try {
    silence.expect(CONNECT_TIMEOUT_MS, `${address} cannot be reached`);
    const channel = await channels.channel(address, { signal: given });
    const items = channel.stream(
      serviceId(groupServiceName(group)),
      methodId(BACKUP_METHOD),
      new Uint8Array(0),
      { signal: given },
    );
    const iterator = silence.watched(items, `${address} sends nothing`);
    const first = await iterator.next();
    if (first.done === true) throw new DecoraftError('Unavailable', `${address} sent no backup`);
    const description = readBackupHeader(first.value.slice(), `the backup from ${address}`);
    await writeBackupFile(to, description, iterator, {
      ...(signal && { signal }),
      onProgress: (doneBytes) => onProgress?.({ address, description, doneBytes }),
    });
    return description;
  } catch (thrown) {
    throw silence.reason ?? thrown;
  } finally {
    silence.end();
  }
}

/** Gives up on whoever says nothing for too long. */
class Silence {
  readonly #clock: Clock;
  readonly #given = new AbortController();
  #timer: ReturnType<Clock['after']> | undefined;
  #reason: DecoraftError | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get signal(): AbortSignal {
    return this.#given.signal;
  }

  get reason(): DecoraftError | undefined {
    return this.#reason;
  }

  expect(limitMs: number, otherwise: string): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.after(limitMs, () => {
      this.#reason = new DecoraftError('Unavailable', `${otherwise}: nothing for ${limitMs} ms`);
      this.#given.abort(this.#reason);
    });
  }

  async *watched(items: AsyncIterable<Uint8Array>, otherwise: string): AsyncGenerator<Uint8Array, undefined> {
    this.expect(SILENCE_MS, otherwise);
    for await (const item of items) {
      // The reader's own time is no silence.
      this.end();
      if (item.length > 0) yield item;
      this.expect(SILENCE_MS, otherwise);
    }
    this.end();
    return undefined;
  }

  end(): void {
    this.#timer?.cancel();
  }
}
