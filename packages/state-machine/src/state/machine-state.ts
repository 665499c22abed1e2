import { ByteReader, plainMessage, withoutBindings } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import { isEvent } from '../event.js';
import type { StateMachine } from '../machine.js';
import { StateDecoder } from './decoder.js';
import { type DerivedFields, resetDerived } from './derived-fields.js';
import type { GiveWay, InPieces } from './in-pieces.js';
import { joinBytes } from './join-bytes.js';
import {
  type ChunkIterator,
  type PartSource,
  PIECE_BYTES,
  StateSource,
  StreamSource,
} from './part-source.js';
import { TAG } from './tags.js';

/** A machine under its name, as far as its state goes. */
export interface NamedMachine {
  readonly name: string;
  readonly instance: StateMachine;
  readonly derived: DerivedFields;
}

type Fields = Record<string, unknown>;

/**
 * A machine's state as it is now, by its own `snapshot()` or of its fields.
 *
 * @throws DecoraftError `InvalidArgument` that names the field of what is not data; `Internal` when the machine's
 * own `snapshot()` throws. What is found to be wrong only when the bytes are made is thrown then.
 */
export function openMachine({ name, instance, derived }: NamedMachine): PartSource {
  if (!instance.snapshot) return new StateSource(fieldsOf(name, instance, derived.names), name);
  const given = runHook(name, 'snapshot', () => instance.snapshot?.());
  refusePromise(name, 'snapshot', given);
  return isChunkIterator(given)
    ? new StreamSource(given, name)
    : new StateSource(given, `${name}.snapshot()`);
}

/** What a generator gives, under whatever name a compiler makes it. Data has no method `next`. */
function isChunkIterator(given: unknown): given is ChunkIterator {
  if (typeof given !== 'object' || given === null) return false;
  const isIterable = Symbol.asyncIterator in given || Symbol.iterator in given;
  return isIterable && typeof (given as { readonly next?: unknown }).next === 'function';
}

/**
 * The bytes of a machine's state; a promise only where its `snapshot()` waits.
 *
 * @throws DecoraftError as {@link openMachine} does.
 */
export function encodeMachine(machine: NamedMachine): Uint8Array | Promise<Uint8Array> {
  const source = openMachine(machine);
  const pieces: Uint8Array[] = [];
  for (let piece = source.next(); piece; piece = source.next()) {
    if (piece instanceof Promise) return gather(source, pieces, piece);
    pieces.push(piece);
  }
  return joinBytes(pieces);
}

async function gather(
  source: PartSource,
  pieces: Uint8Array[],
  first: Promise<Uint8Array | undefined>,
): Promise<Uint8Array> {
  for (let piece = await first; piece; piece = await source.next()) pieces.push(piece);
  return joinBytes(pieces);
}

/** A machine's part of an image, read: nothing of the machine is changed yet. */
export type DecodedPart =
  | { readonly kind: 'state'; readonly state: unknown }
  | { readonly kind: 'stream'; readonly chunks: readonly unknown[] };

/**
 * The state of a machine from its bytes; nothing is changed yet.
 *
 * @throws DecoraftError `Corrupted` that names the machine.
 */
export function* decodeMachine({ name, instance }: NamedMachine, part: Uint8Array): InPieces<DecodedPart> {
  const decoded = yield* decodePart(part, `machine ${name}`);
  if (!instance.restore) checkFields(name, instance, decoded);
  return decoded;
}

/** @throws DecoraftError `Corrupted` for bytes that are no state, with `owner` as its first word. */
export function* decodePart(part: Uint8Array, owner: string): InPieces<DecodedPart> {
  try {
    if (part[0] === TAG.stream) return { kind: 'stream', chunks: yield* decodeChunks(part) };
    return { kind: 'state', state: yield* decodeInPieces(part) };
  } catch (cause) {
    throw new DecoraftError('Corrupted', `the state of ${owner}: ${plainMessage(cause)}`, { cause });
  }
}

function* decodeInPieces(bytes: Uint8Array): InPieces<unknown> {
  const decoder = new StateDecoder(bytes);
  while (!decoder.read(PIECE_BYTES)) yield;
  return decoder.state;
}

function* decodeChunks(part: Uint8Array): InPieces<readonly unknown[]> {
  const reader = new ByteReader(part);
  reader.u8();
  const chunks: unknown[] = [];
  while (reader.remaining > 0) {
    chunks.push(yield* decodeInPieces(reader.bytes()));
    yield;
  }
  return chunks;
}

/**
 * Makes a machine what {@link decodeMachine} found. Fails only in the machine's own `restore()`. A promise only where
 * that waits.
 *
 * @param giveWay Waited for between the chunks of a stream, if the machine goes through them with `for await`.
 * @throws DecoraftError `Internal`; the machine must not be used any more. The promise rejects with the same.
 */
export function installMachine(
  machine: NamedMachine,
  part: DecodedPart,
  giveWay: GiveWay = () => Promise.resolve(),
): void | Promise<void> {
  const { name, instance, derived } = machine;
  if (instance.restore) {
    const state = part.kind === 'stream' ? new Chunks(part.chunks, giveWay) : part.state;
    const done = runHook(name, 'restore', () => instance.restore?.(state));
    return done instanceof Promise
      ? done.then(undefined, (cause) => failHook(name, 'restore', cause))
      : undefined;
  }
  // Checked when it was decoded.
  if (part.kind === 'state') assignFields(instance, part.state as Readonly<Fields>, derived.names);
  resetDerived(instance, derived);
}

/** What a machine's `restore()` is given of a stream: to be gone through once or more, with or without waiting. */
class Chunks implements Iterable<unknown>, AsyncIterable<unknown> {
  readonly #chunks: readonly unknown[];
  readonly #giveWay: GiveWay;

  constructor(chunks: readonly unknown[], giveWay: GiveWay) {
    this.#chunks = chunks;
    this.#giveWay = giveWay;
  }

  [Symbol.iterator](): Iterator<unknown> {
    return this.#chunks[Symbol.iterator]();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<unknown> {
    for (const chunk of this.#chunks) {
      yield chunk;
      await this.#giveWay();
    }
  }
}

/** Whether a machine's `restore()` is written to wait. */
export function restoresLater({ instance }: NamedMachine): boolean {
  return instance.restore?.constructor.name === 'AsyncFunction';
}

/** Tells a machine that all is restored. @throws DecoraftError `Internal`, as {@link installMachine} does. */
export function announceRestored({ name, instance }: NamedMachine): void {
  if (instance.restored)
    refusePromise(
      name,
      'restored',
      runHook(name, 'restored', () => withoutBindings(`${name}.restored`, () => instance.restored?.())),
    );
}

function runHook(name: string, hook: string, run: () => unknown): unknown {
  try {
    return run();
  } catch (cause) {
    return failHook(name, hook, cause);
  }
}

function failHook(name: string, hook: string, cause: unknown): never {
  throw new DecoraftError('Internal', `${name}.${hook}() threw: ${plainMessage(cause)}`, { cause });
}

export function refusePromise(name: string, hook: string, result: unknown): void {
  if (result instanceof Promise) {
    // What comes of it is nobody's any more.
    result.catch(() => undefined);
    throw new DecoraftError('Internal', `${name}.${hook}() gave a promise: it must be synchronous`);
  }
}

/**
 * All own enumerable fields but the events and what is derived.
 *
 * @throws DecoraftError `InvalidArgument` for a field that could not be restored.
 */
function fieldsOf(name: string, instance: StateMachine, derived: ReadonlySet<string>): Readonly<Fields> {
  const fields: Fields = {};
  const refuse = (field: string, what: string): never => {
    throw new DecoraftError('InvalidArgument', `${name}.${field} ${what}`);
  };
  for (const symbol of Object.getOwnPropertySymbols(instance)) {
    if (Object.prototype.propertyIsEnumerable.call(instance, symbol)) {
      refuse(String(symbol), 'is named by a symbol, which is no data');
    }
  }
  for (const field of Object.keys(instance)) {
    if (derived.has(field)) continue;
    const property = Object.getOwnPropertyDescriptor(instance, field);
    if (isEvent(property?.value)) continue;
    if (!property?.writable || !property.configurable) refuse(field, 'is an accessor or read-only');
    if (typeof property?.value === 'function') {
      refuse(field, 'holds a function, which is no data: make it a method of the class');
    }
    if (isInherited(instance, field)) refuse(field, 'hides a member of the class: give it another name');
    fields[field] = property?.value;
  }
  if (!Object.isExtensible(instance)) refuse('constructor', 'gave a machine that is frozen');
  return fields;
}

/** What a state may not name: a field with the name of a method would take the method's place. */
function isInherited(instance: StateMachine, field: string): boolean {
  return field in (Object.getPrototypeOf(instance) as object);
}

function checkFields(name: string, instance: StateMachine, part: DecodedPart): void {
  const refuse = (what: string): never => {
    throw new DecoraftError('Corrupted', `the state of machine ${name} ${what}`);
  };
  const state = part.kind === 'state' ? part.state : undefined;
  const prototype: unknown = typeof state === 'object' && state !== null && Object.getPrototypeOf(state);
  if (prototype !== Object.prototype)
    refuse('is no plain object of fields: it came from a snapshot() of its own');
  for (const field of Object.keys(state as Fields)) {
    const current = Object.getOwnPropertyDescriptor(instance, field);
    if (isInherited(instance, field) || isEvent(current?.value))
      refuse(`has a field ${field}, which is a member`);
  }
}

/**
 * The instance stays the same object; its fields become those of `state`, in the same order. What has become derived
 * since the state was written is left out.
 */
function assignFields(instance: StateMachine, state: Readonly<Fields>, derived: ReadonlySet<string>): void {
  const target = instance as unknown as Fields;
  const stale = Object.keys(target).filter((field) => !derived.has(field) && !isEvent(target[field]));
  const fresh = Object.keys(state).filter((field) => !derived.has(field));
  // Deleting makes an object slow for ever: it is done only where the fields or their order differ.
  if (!isSameList(stale, fresh)) for (const field of stale) delete target[field];
  for (const field of fresh) target[field] = state[field];
}

function isSameList(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((item, at) => item === right[at]);
}
