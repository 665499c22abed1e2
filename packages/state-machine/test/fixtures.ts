import { stableHash } from '@decoraft/base';
import {
  machineId,
  type Operation,
  type OperationId,
  type OperationTable,
  type Schema,
} from '@decoraft/protocol';
import type { ValueCodec } from '../src/index.js';
import { encodeHead, type ReplicaImage } from '../src/state/image.js';
import { BlockWriter, headBytes, imageEnd, partHead } from '../src/state/image-stream.js';
import { joinBytes } from '../src/state/join-bytes.js';

/** A codec for tests that know no library: JSON, with `undefined` as nothing. */
export const jsonCodec: ValueCodec = {
  encode: (value) => new TextEncoder().encode(value === undefined ? '' : JSON.stringify(value)),
  decode: (bytes) => (bytes.length === 0 ? undefined : JSON.parse(new TextDecoder().decode(bytes))),
};

type Signature = readonly [kind: Operation['kind'], ...parameters: Schema[]];

/** A table as the generator writes it, from the little that matters here. */
export function tableOf(machine: string, signatures: Readonly<Record<string, Signature>>): OperationTable {
  const operations = Object.entries(signatures).map(([name, [kind, ...schemas]]): Operation => ({
    id: stableHash(name),
    name,
    kind,
    parameters: schemas.map((schema, at) => ({ name: `p${at}`, schema, optional: false })),
    result: { kind: 'unknown' },
  }));
  return { format: 1, machine, operations, types: {} };
}

/** A call as it stands in a proposal. */
export function call(machine: string, operation: string, ...args: unknown[]) {
  return {
    machine: machineId(machine),
    operation: stableHash(operation) as OperationId,
    args: jsonCodec.encode(args),
  };
}

/** The bytes of an image that no replica may have made. */
export function encodeImage({ parts, ...head }: ReplicaImage): Uint8Array {
  const pieces = [headBytes(encodeHead(head))];
  for (const { machine, state } of parts) {
    const blocks = new BlockWriter();
    pieces.push(partHead(machine), ...blocks.add(state), ...blocks.end());
  }
  return joinBytes([...pieces, imageEnd()]);
}
