import type { ImpurityKind } from '../../model.js';

/** What the language, browsers and Node offer that is not the same on every replica. */
export interface Verdict {
  readonly kind: ImpurityKind;
  /** Whether reading it is enough: a value, and not a function that nobody may ever call. */
  readonly isValue: boolean;
}

const called = (kind: ImpurityKind): Verdict => ({ kind, isValue: false });
const read = (kind: ImpurityKind): Verdict => ({ kind, isValue: true });

/** Objects of which each member is the same kind of trouble, but for those in {@link MEMBERS}. */
const OBJECTS: ReadonlyMap<string, Verdict> = new Map([
  ['process', read('environment')],
  ['navigator', read('environment')],
  ['location', read('environment')],
  ['document', read('environment')],
  ['screen', read('environment')],
  ['history', read('environment')],
  ['performance', called('clock')],
  ['Intl', called('locale')],
  ['Atomics', called('code')],
  ['Promise', called('await')],
  ['localStorage', called('io')],
  ['sessionStorage', called('io')],
  ['indexedDB', called('io')],
  ['caches', called('io')],
  ['Deno', called('io')],
  ['Bun', called('io')],
  ['scheduler', called('timer')],
]);

/** Those that are called, constructed or read by their own name. */
const NAMES: ReadonlyMap<string, Verdict> = new Map([
  ...names('timer', [
    'setTimeout',
    'setInterval',
    'setImmediate',
    'queueMicrotask',
    'requestAnimationFrame',
    'requestIdleCallback',
    'clearTimeout',
    'clearInterval',
    'clearImmediate',
    'cancelAnimationFrame',
    'cancelIdleCallback',
  ]),
  ...names('io', [
    'fetch',
    'XMLHttpRequest',
    'WebSocket',
    'WebSocketStream',
    'EventSource',
    'Worker',
    'SharedWorker',
    'BroadcastChannel',
    'MessageChannel',
    'Notification',
    'RTCPeerConnection',
    'WebTransport',
    'FileReader',
    'importScripts',
    'require',
    'alert',
    'confirm',
    'prompt',
  ]),
  ...names('code', ['eval', 'Function', 'WeakRef', 'FinalizationRegistry', 'SharedArrayBuffer']),
  ['__dirname', read('environment')],
  ['__filename', read('environment')],
]);

/** Results that ECMAScript leaves to the engine; `sqrt`, `abs`, `floor` and the like are exact. */
const APPROXIMATED = [
  ...'sin cos tan asin acos atan atan2'.split(' '),
  ...'sinh cosh tanh asinh acosh atanh'.split(' '),
  ...'exp expm1 log log1p log2 log10'.split(' '),
  ...'pow cbrt hypot'.split(' '),
];

const MEMBERS: ReadonlyMap<string, Verdict> = new Map([
  ['Date.now', called('clock')],
  ['Date.parse', called('locale')],
  ['Temporal.Now', called('clock')],
  ['performance.timeOrigin', read('clock')],
  ['process.hrtime', called('clock')],
  ['process.uptime', called('clock')],
  ['process.nextTick', called('timer')],
  ['process.env', called('environment')],
  ['process.stdout', called('io')],
  ['process.stderr', called('io')],
  ['process.stdin', called('io')],
  ['Math.random', called('random')],
  ['crypto.randomUUID', called('random')],
  ['crypto.getRandomValues', called('random')],
  ['crypto.subtle', called('await')],
  ['Array.fromAsync', called('await')],
  ['Error.captureStackTrace', called('code')],
  ['Error.prepareStackTrace', called('code')],
  ['Error.stackTraceLimit', called('code')],
  ...APPROXIMATED.map((name) => [`Math.${name}`, called('float')] as const),
]);

function names(kind: ImpurityKind, among: readonly string[]): readonly (readonly [string, Verdict])[] {
  return among.map((name) => [name, called(kind)]);
}

/** What is known of a global, or of what is below one: `['Date', 'now']`. */
export function verdictOfGlobal([first = '', second]: readonly string[]): Verdict | undefined {
  if (second === undefined) return NAMES.get(first) ?? OBJECTS.get(first);
  return MEMBERS.get(`${first}.${second}`) ?? OBJECTS.get(first);
}

/** Whether a name is that of an object, and not of a function or a class that is trouble by itself. */
export function isObject(name: string): boolean {
  return !NAMES.has(name);
}

/** Whether a name that cannot be resolved is one of these: projects lack declarations of what they run on. */
export function isKnownGlobal(name: string): boolean {
  return NAMES.has(name) || OBJECTS.has(name) || BASES.has(name) || ROOTS.has(name);
}

const BASES: ReadonlySet<string> = new Set([...MEMBERS.keys()].map((path) => path.split('.', 1)[0] ?? ''));

/** The global object, by all of its names. */
export const ROOTS: ReadonlySet<string> = new Set(['globalThis', 'window', 'self', 'global']);

const LOCAL_TIME = [
  ...['Hours', 'Minutes', 'Seconds', 'Milliseconds', 'Date', 'Month', 'FullYear'].flatMap((part) => [
    `get${part}`,
    `set${part}`,
  ]),
  ...'getDay getYear setYear getTimezoneOffset'.split(' '),
  ...'toString toDateString toTimeString'.split(' '),
];

/** Members of values, by the name that the library declares them under. */
const METHODS: ReadonlyMap<string, Verdict> = new Map([
  ...LOCAL_TIME.map((name) => [`Date.${name}`, called('locale')] as const),
  ['String.localeCompare', called('locale')],
  ['String.toLocaleUpperCase', called('locale')],
  ['String.toLocaleLowerCase', called('locale')],
  ['Function.toString', called('code')],
  ['Error.stack', read('code')],
  ['WeakRef.deref', called('code')],
  ['Promise.then', called('await')],
  ['Promise.catch', called('await')],
  ['Promise.finally', called('await')],
  ['PromiseLike.then', called('await')],
]);

/** `['Date', 'getHours']`: what a value of that type offers. */
export function verdictOfMethod(owner: string, name: string): Verdict | undefined {
  const formats = name === 'toLocaleString' || name === 'toLocaleDateString' || name === 'toLocaleTimeString';
  return formats ? called('locale') : METHODS.get(`${owner}.${name}`);
}

/** Names worth the compiler's time: to know the type of a receiver is dear. */
export const METHOD_NAMES: ReadonlySet<string> = new Set([
  ...[...METHODS.keys()].map((path) => path.split('.')[1] ?? ''),
  ...'toLocaleString toLocaleDateString toLocaleTimeString'.split(' '),
]);
