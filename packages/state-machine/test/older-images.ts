import { ByteWriter, plainMessage } from '@decoraft/base';
import { compareEventPositions } from '@decoraft/protocol';
import { encodeHead, type ImageHead } from '../src/state/image.js';
import { BlockWriter, ImageReader, imageEnd, partHead } from '../src/state/image-stream.js';
import { joinBytes } from '../src/state/join-bytes.js';
import { writeText } from '../src/state/text.js';
import type { SubscriptionsImage } from '../src/subscriptions.js';

/** What the third and the fourth format say at the end of the head, of a group that uses nothing of it. */
const NOTHING_NEW_BYTES = 13;

/** An image as an older build wrote it. */
export function inFormat(format: 1 | 2, image: Uint8Array): Uint8Array {
  const reader = new ImageReader();
  reader.push(image);
  const { parts, ...head } = reader.end();
  const bytes = olderHead(head);
  if (format === 1) {
    // Without blocks, and with the number of parts before them.
    const writer = new ByteWriter().u8(1).raw(bytes).u32(parts.length);
    for (const { machine, state } of parts) writer.u32(machine).bytes(state);
    return writer.finish();
  }
  const pieces = [new ByteWriter().u8(2).bytes(bytes).finish()];
  for (const { machine, state } of parts) {
    const blocks = new BlockWriter();
    pieces.push(partHead(machine), ...blocks.add(state), ...blocks.end());
  }
  return joinBytes([...pieces, imageEnd()]);
}

/** All events first, then every subscription with its key and the numbers of its events. */
function olderHead(head: ImageHead): Uint8Array {
  const { subscriptions, ...others } = head;
  const none: SubscriptionsImage = { topics: [], ended: [] };
  const withoutThem = encodeHead({ ...others, subscriptions: none });
  const writer = new ByteWriter().raw(withoutThem.subarray(0, -8 - NOTHING_NEW_BYTES));
  const events = subscriptions.topics
    .flatMap((topic) => topic.events)
    .toSorted((left, right) => compareEventPositions(left.position, right.position));
  writer.u32(events.length);
  for (const { position, value } of events) writer.u53(position.index).u32(position.ordinal).bytes(value);
  const listed = subscriptions.topics
    .flatMap(({ events: own, key, subscriptions: of }) => of.map((one) => ({ ...one, key, own })))
    .toSorted((left, right) => left.id - right.id);
  writer.u32(listed.length);
  for (const { id, key, own, seen, session } of listed) {
    writer.u53(id).u53(session).bytes(Buffer.from(key, 'latin1'));
    writer.u32(own.length - seen);
    for (const event of own.slice(seen)) writer.u32(events.indexOf(event));
  }
  writer.u32(subscriptions.ended.length);
  for (const { error, id, session } of subscriptions.ended) {
    writeText(writer.u53(id).u53(session).text(error.code), plainMessage(error));
  }
  return writer.finish();
}
