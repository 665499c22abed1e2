import { ByteReader, ByteWriter, CodedError, MalformedBytes } from '@decoraft/base';
import type { ConfigurationChange, SingleChange } from './configuration-change.js';
import { nodeId } from './ids.js';

const VERSION = 2;
/** Their places are in logs on disk: new ones are added at the end. */
const TRANSITIONS = ['auto', 'joint-implicit', 'joint-explicit'] as const;
const KINDS = ['add-voter', 'add-learner', 'remove'] as const;

/** The data of a `configuration` entry: version, transition, how many changes, each with kind and id, the context. */
export function encodeConfigurationChange({ changes, context, transition }: ConfigurationChange): Uint8Array {
  const writer = new ByteWriter(64);
  writer.u8(VERSION).u8(TRANSITIONS.indexOf(transition)).u32(changes.length);
  for (const { id, kind } of changes) writer.u8(KINDS.indexOf(kind)).text(id);
  return writer.bytes(context).finish();
}

/**
 * @returns The change; its context is a view of `data`.
 * @throws CodedError `Corrupted` for what {@link encodeConfigurationChange} did not write: cut off, too long, of an
 *   unknown version, or with a transition or kind that does not exist.
 */
export function decodeConfigurationChange(data: Uint8Array): ConfigurationChange {
  try {
    return readChange(new ByteReader(data));
  } catch (cause) {
    if (!(cause instanceof MalformedBytes)) throw cause;
    throw new CodedError('Corrupted', `no configuration change: ${cause.message}`, { cause });
  }
}

function readChange(reader: ByteReader): ConfigurationChange {
  const version = reader.u8();
  if (version !== VERSION) throw new MalformedBytes(`version ${version}; this server reads ${VERSION}`);
  const transition = oneOf(TRANSITIONS, reader.u8(), 'transition');
  const changes: SingleChange[] = [];
  // A count that lies ends where the bytes end: nothing is reserved for it.
  for (let left = reader.u32(); left > 0; left--) {
    const kind = oneOf(KINDS, reader.u8(), 'change');
    changes.push({ kind, id: nodeId(reader.text()) });
  }
  const context = reader.bytes();
  reader.end();
  return { transition, changes, context };
}

function oneOf<Value>(values: readonly Value[], at: number, what: string): Value {
  const value = values[at];
  if (value === undefined) throw new MalformedBytes(`there is no ${what} ${at}`);
  return value;
}
