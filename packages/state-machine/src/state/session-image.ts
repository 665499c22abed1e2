import { type ByteReader, type ByteWriter, unreachable } from '@decoraft/base';
import { DecoraftError, type ErrorCode, isErrorCode, type Outcome, type SessionId } from '@decoraft/protocol';
import { type GivenReply, replyBytes, type Session } from '../sessions.js';
import { check, readMany, writeMany } from './many.js';
import { readText, writeText } from './text.js';

export function writeSession(writer: ByteWriter, { acknowledged, id, replies, timeoutMs }: Session): void {
  writer.u53(id).u32(timeoutMs).u53(acknowledged);
  // In the order in which they were given: what is acknowledged is forgotten from the front.
  writeMany(writer, [...replies], (to, [sequence, { index, outcome, term }]) => {
    writeOutcome(to.u53(sequence).u53(index).u53(term), outcome);
  });
}

export function readSession(reader: ByteReader): Session {
  const head = { id: reader.u53() as SessionId, timeoutMs: reader.u32(), acknowledged: reader.u53() };
  const given = readMany(reader, (): [number, GivenReply] => [
    reader.u53(),
    { index: reader.u53(), term: reader.u53(), outcome: readOutcome(reader) },
  ]);
  const replies = new Map(given);
  check(replies.size === given.length, `session ${head.id} has two replies to one question`);
  const bytes = given.reduce((sum, [, reply]) => sum + replyBytes(reply), 0);
  return { ...head, lastApplied: undefined, replies, replyBytes: bytes };
}

type Ordered = Session & { lastApplied: number };

const isOrdered = (session: Session): session is Ordered => session.lastApplied !== undefined;

/** Up to where those sessions are that have an order. */
export function writeOrders(writer: ByteWriter, sessions: readonly Session[]): void {
  writeMany(writer, sessions.filter(isOrdered), (to, { id, lastApplied }) => to.u53(id).u53(lastApplied));
}

/** Tells the sessions what {@link writeOrders} wrote of them. */
export function readOrders(reader: ByteReader, sessions: readonly Session[]): void {
  const byId = new Map(sessions.map((session) => [session.id, session]));
  readMany(reader, () => {
    const id = reader.u53() as SessionId;
    const session = byId.get(id);
    check(session !== undefined && !isOrdered(session), `session ${id} is not there, or twice`);
    if (session) session.lastApplied = reader.u53();
  });
}

function writeOutcome(writer: ByteWriter, outcome: Outcome): void {
  switch (outcome.kind) {
    case 'value':
      return void writer.u8(0).bytes(outcome.value);
    case 'error':
      writeText(writer.u8(1).text(outcome.code), outcome.message);
      return void writer.bytes(outcome.data);
    default:
      return unreachable(outcome);
  }
}

function readOutcome(reader: ByteReader): Outcome {
  const kind = reader.u8();
  check(kind <= 1, `no outcome has kind ${kind}`);
  if (kind === 0) return { kind: 'value', value: reader.bytes().slice() };
  const code = readErrorCode(reader);
  return { kind: 'error', code, message: readText(reader, reader.u8()), data: reader.bytes().slice() };
}

/** @throws DecoraftError `Corrupted` */
export function readErrorCode(reader: ByteReader): ErrorCode {
  const code = reader.text();
  if (!isErrorCode(code)) throw new DecoraftError('Corrupted', `no error has code ${code.slice(0, 40)}`);
  return code;
}
