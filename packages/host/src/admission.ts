import { ByteReader, ByteWriter, unreachable } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import type { NodeId, Term } from '@decoraft/raft';

/*
 * # Who may take part with an empty disk
 *
 * A node of the first list that starts with an empty disk is either new, or it has lost its disk: then it has
 * forgotten whom it voted for and what it acknowledged, and must not vote under its old name (checklist C45). It cannot
 * tell by itself. So it asks all others of the list, and begins its log (`bootstrap.ts`) only when the answers prove
 * that no earlier disk of its own can have helped anybody to win an election. Until then it takes no part at all.
 * n is the size of the list, q = ⌊n/2⌋ + 1 its majority; a node is *fresh* before its log has begun, *untouched* while
 * its log has begun and it is still in the first term, in which nobody is ever elected.
 *
 * 1. *Somebody knows another disk of it, or that it was removed:* refused, whatever the rest says. A disk is known
 *    once its registration is committed; the leader also knows those that it has heard messages from.
 * 2. *A leader has registered this disk,* by an entry that is committed: admitted. The asker had no part in this, so
 *    a majority without it has the entry and all that was ever committed before. It promises what its earlier disk may have
 *    promised: it begins in the leader's term, with its vote given to that leader, and so can vote no second time in
 *    any term that an earlier disk may have voted in and that can still be won.
 * 3. *Enough others are fresh or untouched:* of the others, n − q + 1 or more. Who elects leaves the first term on
 *    its disk before it says so. An earlier disk of the asker could have been one of at most n − (n − q + 1) = q − 1
 *    voters, which elect nobody. This is how a list of an even size begins again when power failed in its beginning.
 * 4. *A majority of the list, the asker included, is fresh, and nobody who answers has left the first term:* admitted.
 *    This is how a cluster begins when not everybody is there. What is not proven here: see below.
 * 5. *Somebody was admitted by (4) because, among others, of this very disk:* admitted. Then (4) held for the asker as
 *    well at that time, and it has done nothing since.
 *
 * It always comes to an end when all of the list run: without a majority whose logs have begun, nobody gets beyond
 * the pre-vote (thesis §9.6) and (3) or (4) holds; with one, there is a leader, and (2) holds. With only a majority
 * of the list (4) and (5) suffice, unless a process dies between its own beginning and that of the others: what it
 * counted on is not on its disk. Then the cluster begins when another node of the list has come.
 *
 * What remains: nodes of the list that have never run are fresh, and so are those that lost their disks. When these
 * together are a majority of the list, and nobody else answers, they begin the cluster a second time by (4): nothing
 * tells this from a first time. With three nodes: c has never run, b loses its disk, and b and c start while a, which
 * has everything, is away. Once every node of the list has run, it takes the disks of a majority.
 */

/** What a node with an empty disk asks the others of its list. */
export interface AdmissionQuestion {
  readonly id: string;
  readonly disk: number;
  /** See `fingerprintOf`. */
  readonly cluster: number;
}

export type AdmissionAnswer =
  /** It waits itself, with an empty disk of this number. */
  | { readonly kind: 'fresh'; readonly disk: number }
  /** Its log has begun, and it knows no disk of the asker. */
  | {
      readonly kind: 'begun';
      readonly isUntouched: boolean;
      /** The disk of the asker that it counted on when it began; 0 for none. */
      readonly countedOn: number;
    }
  /** It leads, in this term, and has registered the asker's disk. */
  | { readonly kind: 'registered'; readonly term: Term }
  /** The asker was removed, or is known with another disk. */
  | { readonly kind: 'refused' }
  /** It belongs to another cluster. */
  | { readonly kind: 'stranger' };

/** An answer, and who gave it. */
export interface AnswerOf {
  readonly from: NodeId;
  readonly answer: AdmissionAnswer;
}

/** What a node promises when it begins: as if it had voted for this leader. */
export interface FirstPromise {
  readonly term: Term;
  readonly vote: NodeId;
}

export type Admission =
  | {
      readonly kind: 'admitted';
      /** Where a leader registered the disk. */
      readonly promise?: FirstPromise;
      /** The disks by id that this node counted on, to be told to those who ask. */
      readonly countedOn: ReadonlyMap<string, number>;
    }
  | { readonly kind: 'refused' }
  | { readonly kind: 'undecided' };

const NO_DISKS: ReadonlyMap<string, number> = new Map();

/**
 * Whether the answers of one round prove that a node may take part. The rules and why they hold stand above.
 *
 * @param size Of the list, this node included.
 * @param answers Of the others; who did not answer is missing.
 */
export function decideAdmission(disk: number, size: number, answers: readonly AnswerOf[]): Admission {
  if (answers.some(({ answer }) => answer.kind === 'refused')) return { kind: 'refused' };
  const countedOn = new Map<string, number>();
  let untouched = 0;
  let touched = 0;
  let isCountedOn = false;
  let promise: FirstPromise | undefined;
  for (const { answer, from } of answers) {
    if (answer.kind === 'registered') promise = { term: answer.term, vote: from };
    if (answer.kind === 'fresh') countedOn.set(from, answer.disk);
    if (answer.kind !== 'begun') continue;
    if (answer.isUntouched) untouched += 1;
    else touched += 1;
    if (answer.countedOn === disk) isCountedOn = true;
  }
  if (promise) return { kind: 'admitted', promise, countedOn: NO_DISKS };
  const fresh = countedOn.size;
  const majority = Math.floor(size / 2) + 1;
  if (fresh + 1 >= majority && touched === 0) return { kind: 'admitted', countedOn };
  if (isCountedOn || fresh + untouched > size - majority) return { kind: 'admitted', countedOn: NO_DISKS };
  return { kind: 'undecided' };
}

export function encodeQuestion({ cluster, disk, id }: AdmissionQuestion): Uint8Array {
  return new ByteWriter().text(id).u32(disk).u32(cluster).finish();
}

/** @throws CodedError `InvalidArgument` for bytes that are no question. */
export function decodeQuestion(bytes: Uint8Array): AdmissionQuestion {
  const reader = new ByteReader(bytes);
  const question = { id: reader.text(), disk: reader.u32(), cluster: reader.u32() };
  reader.end();
  return question;
}

/** One byte on the wire; never renumbered. */
const KINDS: readonly AdmissionAnswer['kind'][] = ['fresh', 'begun', 'registered', 'refused', 'stranger'];

export function encodeAdmissionAnswer(answer: AdmissionAnswer): Uint8Array {
  const writer = new ByteWriter().u8(KINDS.indexOf(answer.kind));
  switch (answer.kind) {
    case 'fresh':
      return writer.u32(answer.disk).finish();
    case 'begun':
      return writer.u8(Number(answer.isUntouched)).u32(answer.countedOn).finish();
    case 'registered':
      return writer.u53(answer.term).finish();
    case 'refused':
    case 'stranger':
      return writer.finish();
    default:
      return unreachable(answer);
  }
}

/** @throws DecoraftError `InvalidArgument` for bytes that are no answer. */
export function decodeAdmissionAnswer(bytes: Uint8Array): AdmissionAnswer {
  const reader = new ByteReader(bytes);
  const code = reader.u8();
  const kind = KINDS[code];
  if (!kind) throw new DecoraftError('InvalidArgument', `no answer to a node that begins has kind ${code}`);
  switch (kind) {
    case 'fresh':
      return { kind, disk: reader.u32() };
    case 'begun':
      return { kind, isUntouched: reader.u8() === 1, countedOn: reader.u32() };
    case 'registered':
      return { kind, term: reader.u53() as Term };
    case 'refused':
    case 'stranger':
      return { kind };
    default:
      return unreachable(kind);
  }
}
