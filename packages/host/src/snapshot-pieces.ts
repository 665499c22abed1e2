import type { StoredSnapshot } from '@decoraft/raft';

/** Small beside the limit of a message, so that heartbeats on the same connection do not wait behind it. */
const PIECE_BYTES = 128 * 1024;
/** Pieces that may be under way to one follower: what bounds the memory of a transfer, and what others wait behind. */
const PIECES_UNDER_WAY = 4;
/** Rounds that bring the follower no further before the transfer is given up. */
const MAX_IDLE_ROUNDS = 3;

const NOTHING = new Uint8Array(0);

/**
 * Takes a piece to the follower. Pieces arrive in the order of the calls, or not at all.
 *
 * @returns How many bytes of the snapshot it has then.
 */
export type Deliver = (offset: number, data: Uint8Array) => Promise<number>;

/** Sends a snapshot in pieces, from wherever the follower stands. Rejects with what `deliver` does. */
export async function sendPieces(snapshot: StoredSnapshot, deliver: Deliver): Promise<void> {
  let from = await deliver(0, NOTHING);
  for (let idle = 0; from < snapshot.dataBytes;) {
    const reached = await sendRound(snapshot, from, deliver);
    idle = reached > from ? 0 : idle + 1;
    if (idle >= MAX_IDLE_ROUNDS) throw new Error('the follower gets no further');
    from = reached;
  }
}

/** Goes on until all is sent, or the follower says that it stands elsewhere; gives where it stands. */
async function sendRound(snapshot: StoredSnapshot, from: number, deliver: Deliver): Promise<number> {
  const underWay: { readonly end: number; readonly reached: Promise<number> }[] = [];
  let reached = from;
  /** Whether the oldest piece arrived where it should. */
  const land = async (): Promise<boolean> => {
    const oldest = underWay.shift();
    if (!oldest) return true;
    reached = await oldest.reached;
    return reached === oldest.end;
  };
  let isInStep = true;
  for await (const { data, offset } of piecesOf(snapshot, from)) {
    const sent = deliver(offset, data);
    // Whoever waits for an earlier one hears of its failure first.
    sent.catch(() => undefined);
    underWay.push({ end: offset + data.length, reached: sent });
    if (underWay.length >= PIECES_UNDER_WAY) isInStep = await land();
    if (!isInStep) break;
  }
  while (underWay.length > 0) await land();
  return reached;
}

async function* piecesOf(
  snapshot: StoredSnapshot,
  from: number,
): AsyncGenerator<{ readonly offset: number; readonly data: Uint8Array }> {
  let offset = from;
  for await (const chunk of snapshot.chunks(from)) {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      const data = chunk.subarray(at, at + PIECE_BYTES);
      yield { offset, data };
      offset += data.length;
    }
  }
}
