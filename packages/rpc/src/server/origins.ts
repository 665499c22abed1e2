import type { Logger } from '@decoraft/base';
import { RpcError } from '../errors.js';

/** Pages of other origins may come by the thousand: each origin is told once, and no more of them than this. */
const MAX_TOLD = 64;
const MAX_TOLD_LENGTH = 200;

/** A browser tells its page nothing about a refusal, so the server's log is where its owner learns what to do. */
export class OriginComplaints {
  readonly #logger: Logger;
  readonly #told = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  about(whole: string, remoteAddress: string): void {
    const origin = whole.slice(0, MAX_TOLD_LENGTH);
    if (this.#told.has(origin) || this.#told.size >= MAX_TOLD) return;
    this.#told.add(origin);
    const words = `a page of ${origin} was refused: to let it in, add that origin to \`origins\``;
    this.#logger.log('warn', words, { origin, remoteAddress });
  }
}

/** Throws `InvalidArgument` for what no browser would ever send: then a page would be refused for a slash too much. */
export function checkOrigins(origins: readonly string[]): void {
  if (!Array.isArray(origins)) throw new RpcError('InvalidArgument', 'origins is no array');
  for (const origin of origins) {
    const sent = originOf(origin);
    if (sent === origin) continue;
    const hint = sent === undefined ? 'write it as https://app.example.org' : `write it as ${sent}`;
    throw new RpcError('InvalidArgument', `origins: '${origin}' is no origin as browsers send it: ${hint}`);
  }
}

function originOf(text: unknown): string | undefined {
  if (typeof text !== 'string' || !URL.canParse(text)) return undefined;
  const { host, origin, protocol } = new URL(text);
  // Schemes that the platform does not know, such as those of extensions, have an origin that it cannot say.
  return origin === 'null' ? `${protocol}//${host}` : origin;
}
