import { ByteReader, ByteWriter, unreachable } from '@decoraft/base';
import { type ErrorCode, isErrorCode } from './errors.js';
import type { SubscriptionId } from './ids.js';
import { type EventPosition, readMany } from './proposal.js';

/** One thing that the event stream of a session says, as its client reads it. */
export type EventRecord =
  | {
      readonly kind: 'event';
      readonly subscription: SubscriptionId;
      readonly position: EventPosition;
      /** The encoded value. */
      readonly value: Uint8Array;
    }
  | EndedRecord;

export interface EndedRecord {
  readonly kind: 'ended';
  readonly subscription: SubscriptionId;
  readonly code: ErrorCode;
  readonly message: string;
}

/** The same as it is written: of an event, the body is made once for all who get it. */
export type OutgoingRecord =
  | {
      readonly kind: 'event';
      readonly subscription: SubscriptionId;
      /** From {@link encodeEventBody}. */
      readonly body: Uint8Array;
    }
  | EndedRecord;

/** Of an event's body: its position, and the length of its value. */
const BODY_HEAD_BYTES = 16;
/** What a record of an event adds to the body: what is different for every subscriber. */
export const RECORD_HEAD_BYTES = 9;
const [EVENT, ENDED] = [0, 1];

/** What is the same for all subscribers of an event. */
export function encodeEventBody({ index, ordinal }: EventPosition, value: Uint8Array): Uint8Array {
  return new ByteWriter(BODY_HEAD_BYTES + value.length).u53(index).u32(ordinal).bytes(value).finish();
}

/** The encoded value in a body, as a view of it. */
export function valueOfEventBody(body: Uint8Array): Uint8Array {
  return body.subarray(BODY_HEAD_BYTES);
}

/**
 * Several records in one item of the stream: what became ready in one turn leaves together. An item without any says
 * that the stream is served.
 */
export function encodeEventRecords(records: readonly OutgoingRecord[]): Uint8Array {
  let bytes = 4;
  for (const record of records) {
    bytes += RECORD_HEAD_BYTES + (record.kind === 'event' ? record.body.length : 64 + record.message.length);
  }
  const writer = new ByteWriter(bytes).u32(records.length);
  for (const record of records) {
    switch (record.kind) {
      case 'event':
        writer.u8(EVENT).u53(record.subscription).raw(record.body);
        break;
      case 'ended':
        writer.u8(ENDED).u53(record.subscription).text(record.code).text(record.message);
        break;
      default:
        unreachable(record);
    }
  }
  return writer.finish();
}

export function decodeEventRecords(bytes: Uint8Array): readonly EventRecord[] {
  const reader = new ByteReader(bytes);
  return readMany(reader, (): EventRecord => {
    const kind = reader.u8();
    const subscription = reader.u53() as SubscriptionId;
    if (kind === EVENT) {
      const position = { index: reader.u53(), ordinal: reader.u32() };
      return { kind: 'event', subscription, position, value: reader.bytes() };
    }
    const code = reader.text();
    const message = reader.text();
    return { kind: 'ended', subscription, code: isErrorCode(code) ? code : 'Internal', message };
  });
}
