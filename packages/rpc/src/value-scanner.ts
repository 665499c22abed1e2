import { RpcError } from './errors.js';
import { TAGGED_VALUE_EXTENSION, VALUE_TAGS } from './tagged-value.js';
import { isUtf8 } from './utf8.js';
import { MAX_BIGINT_BYTES, MAX_VALUE_DEPTH, MAX_VALUE_ITEMS } from './value-limits.js';

const UNDEFINED_EXTENSION = 0x00;
const BIGINT_EXTENSION = 0x42;
const DATE_EXTENSION = 0xff;
const PROTO_BYTES = new TextEncoder().encode('__proto__');

/**
 * Walks through MessagePack that nobody has vouched for, without building anything, and refuses what the decoder
 * must not see: depth, item count, lengths that the input does not have, extensions beyond the few that
 * `encodeValue` writes (records compile code, references loop, regular expressions backtrack), `__proto__` as a
 * plain key, broken UTF-8, and trailing bytes. Takes time and memory in proportion to the input.
 *
 * @throws RpcError `InvalidArgument` naming the byte.
 */
export function scanValue(bytes: Uint8Array): void {
  new ValueScanner(bytes).scan();
}

class ValueScanner {
  readonly #bytes: Uint8Array;
  #at = 0;
  #items = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  scan(): void {
    this.#value(0);
    if (this.#at < this.#bytes.length) this.#refuse(`${this.#bytes.length - this.#at} bytes too many`);
  }

  #value(depth: number): void {
    if (++this.#items > MAX_VALUE_ITEMS) this.#refuse(`more than ${MAX_VALUE_ITEMS} items`);
    const token = this.#byte();
    if (token < 0x80 || token >= 0xe0) return;
    if (token < 0x90) return this.#map(token & 0x0f, depth);
    if (token < 0xa0) return this.#array(token & 0x0f, depth);
    if (token < 0xc0) return this.#text(token & 0x1f);
    return this.#longForm(token, depth);
  }

  #longForm(token: number, depth: number): void {
    switch (token) {
      case 0xc0: // nil
      case 0xc2: // false
      case 0xc3: // true
        return;
      case 0xd9: // str 8
        return this.#text(this.#byte());
      case 0xc4: // bin 8, 16, 32
      case 0xc5:
      case 0xc6:
        return this.#skip(this.#unsigned(1 << (token - 0xc4)));
      case 0xc7: // ext 8, 16, 32
      case 0xc8:
      case 0xc9:
        return this.#extension(this.#unsigned(1 << (token - 0xc7)));
      case 0xca: // float 32
      case 0xce: // uint 32
      case 0xd2: // int 32
        return this.#skip(4);
      case 0xcb: // float 64
      case 0xcf: // uint 64
      case 0xd3: // int 64
        return this.#skip(8);
      case 0xcc: // uint 8
      case 0xd0: // int 8
        return this.#skip(1);
      case 0xcd: // uint 16
      case 0xd1: // int 16
        return this.#skip(2);
      case 0xd4: // fixext 1
        return this.#shortExtension(depth);
      case 0xd5: // fixext 2, 4, 8, 16
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#extension(1 << (token - 0xd4));
      case 0xda: // str 16, 32
      case 0xdb:
        return this.#text(this.#unsigned(2 << (token - 0xda)));
      case 0xdc: // array 16, 32
      case 0xdd:
        return this.#array(this.#unsigned(2 << (token - 0xdc)), depth);
      case 0xde: // map 16, 32
      case 0xdf:
        return this.#map(this.#unsigned(2 << (token - 0xde)), depth);
      default:
        return this.#refuse(`0x${token.toString(16)} means nothing`);
    }
  }

  #array(count: number, depth: number): void {
    this.#enter(count, depth);
    for (let index = 0; index < count; index++) this.#value(depth + 1);
  }

  #map(count: number, depth: number): void {
    this.#enter(count * 2, depth);
    for (let index = 0; index < count; index++) {
      const start = this.#key();
      if (this.#isProto(start)) this.#refuse('__proto__ as a plain key');
      this.#value(depth + 1);
    }
  }

  /** Each item takes a byte at least, so a count beyond what is left is a lie. */
  #enter(count: number, depth: number): void {
    if (depth === MAX_VALUE_DEPTH) this.#refuse(`more than ${MAX_VALUE_DEPTH} levels deep`);
    const left = this.#bytes.length - this.#at;
    if (count > left) this.#refuse(`${count} items declared, ${left} bytes left`);
  }

  /** Reads a key and tells where its characters start; they end where the scanner stands. */
  #key(): number {
    const token = this.#bytes[this.#at] ?? 0;
    if (!((token >= 0xa0 && token < 0xc0) || (token >= 0xd9 && token < 0xdc))) {
      this.#refuse('a key that is no string');
    }
    const headerBytes = token < 0xc0 ? 1 : 1 + (1 << (token - 0xd9));
    const start = this.#at + headerBytes;
    this.#value(MAX_VALUE_DEPTH);
    return start;
  }

  #isProto(start: number): boolean {
    if (this.#at - start !== PROTO_BYTES.length || this.#bytes[start] !== PROTO_BYTES[0]) return false;
    return PROTO_BYTES.every((byte, index) => byte === this.#bytes[start + index]);
  }

  #shortExtension(depth: number): void {
    const type = this.#byte();
    switch (type) {
      case TAGGED_VALUE_EXTENSION:
        this.#skip(1);
        return this.#tagged(depth);
      case UNDEFINED_EXTENSION:
      case BIGINT_EXTENSION:
      case DATE_EXTENSION:
        return this.#skip(1);
      default:
        return this.#refuseExtension(type);
    }
  }

  #extension(length: number): void {
    const type = this.#byte();
    if (type === BIGINT_EXTENSION) {
      if (length < 1 || length > MAX_BIGINT_BYTES) this.#refuse(`a bigint of ${length} bytes`);
    } else if (type === DATE_EXTENSION) {
      if (length !== 4 && length !== 8 && length !== 12) this.#refuse(`a date of ${length} bytes`);
    } else {
      this.#refuseExtension(type);
    }
    this.#skip(length);
  }

  /** An array of the tag and what belongs to it: see TaggedValue. */
  #tagged(depth: number): void {
    this.#items += 1;
    const count = this.#arrayCount();
    this.#enter(count, depth);
    if (count === 0 || this.#byte() !== 0xa1) this.#refuse('a tagged value without a tag');
    const tag = String.fromCharCode(this.#byte());
    const isPaired = tag === VALUE_TAGS.map || tag === VALUE_TAGS.object;
    const isKnown = isPaired || tag === VALUE_TAGS.set || (tag === VALUE_TAGS.negativeZero && count === 1);
    if (!isKnown || (isPaired && count % 2 === 0))
      this.#refuse(`a tagged value '${tag}' of ${count - 1} items`);
    for (let index = 1; index < count; index++) {
      if (tag === VALUE_TAGS.object && index % 2 === 1) this.#key();
      else this.#value(depth + 1);
    }
  }

  #arrayCount(): number {
    const token = this.#byte();
    if (token >= 0x90 && token < 0xa0) return token & 0x0f;
    if (token === 0xdc || token === 0xdd) return this.#unsigned(2 << (token - 0xdc));
    return this.#refuse('a tagged value that is no array');
  }

  #text(length: number): void {
    const start = this.#at;
    this.#skip(length);
    if (!isUtf8(this.#bytes, start, this.#at)) this.#refuse('a string that is not UTF-8', start);
  }

  #skip(length: number): void {
    const left = this.#bytes.length - this.#at;
    if (length > left) this.#refuse(`${length} bytes declared, ${left} left`);
    this.#at += length;
  }

  #byte(): number {
    return this.#bytes[this.#at++] ?? this.#refuse('1 bytes declared, 0 left', this.#bytes.length);
  }

  /** A big-endian number of 1, 2 or 4 bytes. */
  #unsigned(length: number): number {
    const start = this.#at;
    this.#skip(length);
    let value = 0;
    for (let at = start; at < this.#at; at++) value = value * 256 + this.#bytes[at]!;
    return value;
  }

  #refuseExtension(type: number): never {
    return this.#refuse(`extension 0x${type.toString(16)} is not carried`);
  }

  #refuse(what: string, at = this.#at): never {
    throw new RpcError('InvalidArgument', `encoded value, byte ${at}: ${what}`);
  }
}
