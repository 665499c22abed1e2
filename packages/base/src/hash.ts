const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a over bytes, 32 bits: for names and fingerprints, never for secrets. */
export function hashBytes(bytes: Uint8Array, seed = FNV_OFFSET): number {
  let hash = seed >>> 0;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, FNV_PRIME) >>> 0;
  return hash;
}

/** What {@link hashBytes} gives for its UTF-8, where each character is one byte of that. */
function hashAscii(text: string): number | undefined {
  let hash = FNV_OFFSET;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) return undefined;
    hash = Math.imul(hash ^ code, FNV_PRIME);
  }
  return hash >>> 0;
}

/**
 * The stable ID of a name: the same on every build and platform, for ever, because logs and peers hold it.
 * FNV-1a over UTF-8, then murmur3's finalizer, since FNV alone leaves near names near.
 */
export function stableHash(name: string): number {
  let hash = hashAscii(name) ?? hashBytes(new TextEncoder().encode(name));
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
