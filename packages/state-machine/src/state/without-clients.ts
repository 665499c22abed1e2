import { ByteReader } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import { LOST_MS, type Session } from '../sessions.js';
import { decodeHead, encodeHead } from './image.js';
import { headBytes, isStreamFormat } from './image-stream.js';
import { joinBytes } from './join-bytes.js';

/** The format, and the length of the head. */
const PREFIX_BYTES = 5;

/**
 * The image of a group that goes on elsewhere, without its clients: as `chunks` say, but at another index, with no
 * subscription and no event that waits for one, and with sessions that end at the next entry, so that the machines let go
 * of what they hold for them. Whoever held a session hears that it has ended. The states of the machines pass through
 * as they are. Their timers stay: they belong to the machines, and go by the time of the
 * log, which goes on from where it was.
 *
 * @param index Of the group that goes on; at or above the image's own.
 * @throws DecoraftError `Corrupted`; `Unimplemented` for an image of format 1; `InvalidArgument` for a lower index.
 */
export async function* withoutClients(
  chunks: AsyncIterable<Uint8Array>,
  index: number,
): AsyncGenerator<Uint8Array> {
  const waiting: Uint8Array[] = [];
  let bytes = 0;
  let end: number | undefined;
  let isHead = true;
  for await (const chunk of chunks) {
    if (!isHead) {
      yield chunk;
      continue;
    }
    waiting.push(chunk);
    bytes += chunk.length;
    end ??= bytes < PREFIX_BYTES ? undefined : endOfHead(joinBytes(waiting));
    if (end === undefined || bytes < end) continue;
    isHead = false;
    const read = joinBytes(waiting);
    yield replaced(read.subarray(PREFIX_BYTES, end), read[0] ?? 0, index);
    if (bytes > end) yield read.subarray(end);
  }
  if (isHead)
    throw new DecoraftError('Corrupted', "a replica's image cannot be read: it ends within its head");
}

function endOfHead(read: Uint8Array): number {
  const reader = new ByteReader(read);
  const format = reader.u8();
  if (isStreamFormat(format)) return PREFIX_BYTES + reader.u32();
  throw new DecoraftError(
    'Unimplemented',
    `a replica's image of format ${format} cannot be taken to another group; take a new snapshot`,
  );
}

function replaced(head: Uint8Array, format: number, index: number): Uint8Array {
  const before = decodeHead(head, format);
  if (index < before.index) {
    throw new DecoraftError('InvalidArgument', `an image at ${before.index} cannot go on at ${index}`);
  }
  const { agreed = [], limits, time, timers = [] } = before;
  const sessions = before.sessions.map(lost);
  const subscriptions = { topics: [], ended: [] };
  return headBytes(encodeHead({ index, time, limits, sessions, subscriptions, timers, agreed }));
}

/** What is left of a session: its id, which machines know. */
function lost(session: Session): Session {
  const lastApplied = session.lastApplied === undefined ? undefined : 0;
  return { ...session, timeoutMs: LOST_MS, acknowledged: 0, lastApplied, replies: new Map(), replyBytes: 0 };
}
