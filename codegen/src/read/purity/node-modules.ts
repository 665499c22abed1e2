import type { ImpurityKind } from '../../model.js';
import type { Verdict } from './verdicts.js';

/** Node's own modules; those of which nothing is said are computation and no more. */
const MODULES: ReadonlyMap<string, ImpurityKind | undefined> = new Map<string, ImpurityKind | undefined>([
  ...['assert', 'buffer', 'events', 'path', 'punycode', 'querystring', 'string_decoder', 'url', 'util'].map(
    (name) => [name, undefined] as const,
  ),
  ...['child_process', 'cluster', 'dgram', 'dns', 'fs', 'http', 'http2', 'https', 'inspector'].map(
    (name) => [name, 'io'] as const,
  ),
  ...['module', 'net', 'readline', 'repl', 'sqlite', 'stream', 'test', 'tls', 'tty', 'wasi'].map(
    (name) => [name, 'io'] as const,
  ),
  ...['worker_threads', 'trace_events', 'diagnostics_channel'].map((name) => [name, 'io'] as const),
  ...['async_hooks', 'constants', 'os', 'process', 'v8', 'zlib'].map(
    (name) => [name, 'environment'] as const,
  ),
  ['crypto', 'random'],
  ['perf_hooks', 'clock'],
  ['timers', 'timer'],
  ['vm', 'code'],
]);

/** What `node:crypto` computes from its arguments alone. */
const HASHES: ReadonlySet<string> = new Set([
  ...'createHash createHmac hash timingSafeEqual getHashes constants'.split(' '),
  ...'pbkdf2Sync scryptSync hkdfSync createPublicKey createSecretKey verify createVerify'.split(' '),
  ...'createCipheriv createDecipheriv Hash Hmac KeyObject'.split(' '),
]);

/** `fs/promises` for `node:fs/promises`; `undefined` for what is not Node's. */
export function nodeModuleOf(specifier: string): string | undefined {
  const name = specifier.replace(/^node:/, '');
  const isNode = specifier.startsWith('node:') || MODULES.has(name.split('/', 1)[0] ?? '');
  return isNode ? name : undefined;
}

/**
 * What is known of a member of one of Node's modules.
 *
 * @param member `undefined` for the module as a whole.
 */
export function verdictOfModule(module: string, member: string | undefined): Verdict | undefined {
  const name = module.split('/', 1)[0] ?? '';
  if (name === 'crypto' && member !== undefined && HASHES.has(member)) return undefined;
  if (name === 'crypto' && member === 'subtle') return { kind: 'await', isValue: false };
  if (name === 'util' && member === 'promisify') return { kind: 'await', isValue: false };
  if (name === 'path' && (member === 'resolve' || member === 'relative')) {
    return { kind: 'environment', isValue: false };
  }
  if (module === 'timers/promises') return { kind: 'timer', isValue: false };
  const kind = MODULES.has(name) ? MODULES.get(name) : 'io';
  // Only what a module has as plain values is read by naming it.
  return kind && { kind, isValue: name === 'process' || (name === 'os' && member === 'EOL') };
}
