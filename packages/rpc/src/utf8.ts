/**
 * Whether `bytes` from `start` to `end` are UTF-8 as RFC 3629 has it: shortest forms only, no surrogates, nothing
 * above U+10FFFF. Decoders differ in what they make of anything else, and two replicas must not.
 */
export function isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end) {
    const first = bytes[at++]!;
    if (first < 0x80) continue;
    const length = followers(first);
    if (length === 0 || at + length > end || !isFollower(bytes[at]!, first)) return false;
    for (let index = 1; index < length; index++) {
      if ((bytes[at + index]! & 0xc0) !== 0x80) return false;
    }
    at += length;
  }
  return true;
}

/** How many bytes follow this first one; 0 when it cannot be a first one. */
function followers(first: number): number {
  if (first < 0xc2) return 0;
  if (first < 0xe0) return 1;
  if (first < 0xf0) return 2;
  return first < 0xf5 ? 3 : 0;
}

/** The second byte has a narrower range where the full one would allow long forms, surrogates, or too much. */
function isFollower(second: number, first: number): boolean {
  switch (first) {
    case 0xe0:
      return second >= 0xa0 && second < 0xc0;
    case 0xed:
      return second >= 0x80 && second < 0xa0;
    case 0xf0:
      return second >= 0x90 && second < 0xc0;
    case 0xf4:
      return second >= 0x80 && second < 0x90;
    default:
      return second >= 0x80 && second < 0xc0;
  }
}
