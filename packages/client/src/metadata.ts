import { DecoraftError } from '@decoraft/protocol';

/**
 * What travels beside a call: text by key. Keys are 1 to 64 characters of `a-z`, `0-9`, `-`, `_` and `.`, and begin with a
 * letter or digit: as in HTTP/2, upper case is refused and not folded, so that no two spellings mean the same. At most 64
 * entries; all together have to fit `limits.maxMetadataBytes`, 8,192 bytes by default, on both sides.
 */
export type Metadata = Readonly<Record<string, string>>;

const MAX_ENTRIES = 64;
const KEY = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** Throws `InvalidArgument` naming the option and the key. */
export function checkMetadata(metadata: unknown): asserts metadata is Metadata {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
    throw invalid('is an object of texts by key');
  }
  const entries = Object.entries(metadata);
  if (entries.length > MAX_ENTRIES)
    throw invalid(`has ${entries.length} entries, at most ${MAX_ENTRIES} travel`);
  for (const [key, value] of entries) {
    const shown = JSON.stringify(key.slice(0, 80));
    if (!KEY.test(key)) {
      const words = KEY.test(key.toLowerCase())
        ? 'is not in lower case'
        : 'is none: 1 to 64 of a-z, 0-9, - _ . and a letter or digit first';
      throw invalid(`key ${shown} ${words}`);
    }
    if (typeof value !== 'string') throw invalid(`value of ${shown} is no text`);
    if (hasLoneSurrogate(value)) throw invalid(`value of ${shown} is no well-formed text`);
  }
}

function hasLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

function invalid(words: string): DecoraftError {
  return new DecoraftError('InvalidArgument', `metadata: ${words}`);
}
