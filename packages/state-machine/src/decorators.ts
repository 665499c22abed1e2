import 'reflect-metadata';
import type { Consistency, OperationKind } from '@decoraft/protocol';

/**
 * What keeps an operation what it is in logs, snapshots and clients while its name changes or its time passes. Read by the
 * generator, so both are written out in full. An override that does not give one has that of what it overrides.
 */
export interface LastingOptions {
  /**
   * The name that the operation had first, where it has another one now: it keeps its id, by which logs, snapshots and the
   * clients of yesterday know it. That it had others in between need not be said.
   */
  readonly was?: string;
  /**
   * Whether it is only there for what stands in old logs. It is replayed as ever and is in no client; a new call is
   * refused with `Unimplemented`, before anything is logged.
   */
  readonly retired?: boolean;
}

/** Options of `@qry`. */
export interface QueryOptions extends LastingOptions {
  /**
   * How fresh an answer must be, whoever asks: a call may ask for more, and never gets less. `linearizable` shows
   * everything that was acknowledged to anyone; `lease` as well, as far as the clocks of the nodes can be trusted;
   * `session` never shows a client less than it has seen; `local` shows what the node that answers has. Where nothing
   * is declared, it is `session`, unless the call says otherwise.
   */
  readonly consistency?: Consistency;
}

/** Options of `@cmd`. */
export type CommandOptions = LastingOptions;

/** Options of `@sub`. */
export type SubscriptionOptions = LastingOptions;

/** Options of `@derived`; there are none, the form is for those who like to write the parentheses. */
export type DerivedOptions = Readonly<Record<string, never>>;

/**
 * What a member can be: an operation that clients see, a field that no snapshot has; or a method of a service, which is
 * no machine: whoever mixes them up is told.
 */
export type TagKind = OperationKind | 'derived' | 'rpc';

/** What a decorator noted about a member. */
export interface Tag extends LastingOptions {
  readonly kind: TagKind;
  readonly member: string;
}

/** Serves both conventions: legacy (target, key, descriptor) and standard (value, context). */
export interface MethodTag {
  (target: object, member: string, descriptor: PropertyDescriptor): void;
  <This>(method: (this: This, ...args: never[]) => unknown, context: ClassMethodDecoratorContext<This>): void;
}

/** Serves both conventions: legacy (target, key) and standard (undefined, context). */
export interface FieldTag {
  (target: object, member: string): void;
  <This, Value>(value: undefined, context: ClassFieldDecoratorContext<This, Value>): void;
}

/**
 * A method that changes the machine's state. It runs on every replica, once, in log order; it must be
 * synchronous and deterministic: time, randomness and identity come from `this.context`.
 *
 * What it returns is the caller's result. What it throws is the caller's `CommandRejected` error: state that it
 * changed before stays changed, events that it notified are dropped, and every replica agrees on both.
 */
export const cmd = memberDecorator<MethodTag, CommandOptions>('cmd');

/** A method that reads the machine's state and never changes it. It runs on the one node that answers. */
export const qry = memberDecorator<MethodTag, QueryOptions>('qry');

/**
 * A field that holds an {@link event}: clients subscribe to it, commands notify it.
 *
 * @example
 * ```ts
 * @sub onKeyInserted = event<(key: string) => string>();
 * ```
 */
export const sub = memberDecorator<FieldTag, SubscriptionOptions>('sub');

/**
 * A field that is computed from the others: an index, a cache, a total. It is in no snapshot and in no hash of the
 * state, and may hold anything. A class that has one has `restored()`, which computes it, or a `restore()` of its own.
 *
 * Before `restored()` is called, a derived field is what the constructor made it where that is data, so that a
 * `restored()` that only adds is as right in a running replica as in one that starts. What is no data, or has a name
 * that begins with `#`, is left as it is: `restored()` must empty it first.
 *
 * @example
 * ```ts
 * private readonly owners = new Map<string, string>();
 * @derived private readonly byOwner = new Map<string, Set<string>>();
 *
 * override restored(): void {
 *   for (const [key, owner] of this.owners) this.note(key, owner);
 * }
 * ```
 */
export const derived = memberDecorator<FieldTag, DerivedOptions>('derived');

/** Both forms of one decorator: bare, and called with options first. */
export type BareOrCalled<Decorator, Options> = Decorator & ((options?: Options) => Decorator);

/** A decorator that does nothing but note what a member is: see {@link tagsOf}. */
export function memberDecorator<Decorator, Options>(kind: TagKind): BareOrCalled<Decorator, Options> {
  const decorator = (...given: unknown[]): unknown =>
    isCall(given) ? tagger({ kind, ...lastingOf(given[0]) }) : tagger({ kind })(...given);
  return decorator as BareOrCalled<Decorator, Options>;
}

/** `@qry()` and `@qry({…})` give at most one argument; both decorator conventions give two or more. */
function isCall(given: readonly unknown[]): boolean {
  return given.length <= 1;
}

/** Standard decorators keep what they note on the class's metadata object; older engines lack its symbol. */
const METADATA: symbol = ((Symbol as { metadata?: symbol }).metadata ??= Symbol.for('Symbol.metadata'));

const TAGS = 'decoraft:tags';

/** Of the options only what a stale table is recognised by; the others are read by the generator and carried by the client. */
function lastingOf(options: unknown): LastingOptions {
  const { was, retired } = (options ?? {}) as { readonly was?: unknown; readonly retired?: unknown };
  return {
    ...(typeof was === 'string' ? { was } : {}),
    ...(typeof retired === 'boolean' ? { retired } : {}),
  };
}

function tagger(noted: Omit<Tag, 'member'>) {
  return (...given: unknown[]): void => {
    const [targetOrValue, memberOrContext] = given;
    const context = isStandardContext(memberOrContext) ? memberOrContext : undefined;
    const holder = context ? context.metadata : targetOrValue;
    const member = String(context ? context.name : memberOrContext);
    addTag(holder as object, { ...noted, member });
  };
}

interface StandardContext {
  readonly kind: string;
  readonly name: string | symbol;
  readonly metadata: object;
}

function isStandardContext(value: unknown): value is StandardContext {
  return typeof value === 'object' && value !== null && 'kind' in value && 'metadata' in value;
}

function addTag(holder: object, tag: Tag): void {
  const own = ownTags(holder);
  Reflect.defineMetadata(TAGS, [...own, tag], holder);
}

function ownTags(holder: object): readonly Tag[] {
  return (Reflect.getOwnMetadata(TAGS, holder) as readonly Tag[] | undefined) ?? [];
}

/** The tags of an instance's class, then those of each class above it. */
export function tagsOf(instance: object): readonly (readonly Tag[])[] {
  const classes: (readonly Tag[])[] = [];
  for (let prototype = protoOf(instance); prototype; prototype = protoOf(prototype)) {
    const metadata = ownMetadata(prototype);
    classes.push([...ownTags(prototype), ...(metadata ? ownTags(metadata) : [])]);
  }
  return classes;
}

function ownMetadata(prototype: object): object | undefined {
  const constructor: unknown = Object.hasOwn(prototype, 'constructor') ? prototype.constructor : undefined;
  if (typeof constructor !== 'function' || !Object.hasOwn(constructor, METADATA)) return undefined;
  return (constructor as unknown as Record<symbol, object | undefined>)[METADATA];
}

function protoOf(value: object): object | null {
  return Object.getPrototypeOf(value) as object | null;
}
