import { DecoraftError } from '../errors.js';
import { FORM, MAX_POSITIONAL_DEPTH, MAX_POSITIONAL_ITEMS } from './limits.js';

/** Where the functions of `read.ts` read: bytes that nobody has vouched for, and what is counted of them. */
export class PositionalReader {
  readonly bytes: Uint8Array;
  readonly #where: string;
  /** Where the next byte is. */
  at: number;
  #items = 1;
  #depth = 1;

  /** @param where The call, for messages: `users.set`. */
  constructor(bytes: Uint8Array, start: number, where: string) {
    this.bytes = bytes;
    this.at = start;
    this.#where = where;
  }

  /** Passes over bytes that are there. @returns Where they begin. */
  take(length: number): number {
    const start = this.at;
    const left = this.bytes.length - start;
    if (length > left) this.refuse(`${length} bytes declared, ${left} left`);
    this.at = start + length;
    return start;
  }

  /** A byte below `end`. */
  oneOf(end: number, what: string): number {
    const byte = this.bytes[this.take(1)]!;
    if (byte >= end) this.refuse(`a ${what} of ${byte}`, this.at - 1);
    return byte;
  }

  /** A whole number below `end`. */
  number(end: number, what: string): number {
    const start = this.take(1);
    const first = this.bytes[start]!;
    if (first < FORM.twoBytes && first < end) return first;
    return this.#longNumber(start, end, what);
  }

  #longNumber(start: number, end: number, what: string): number {
    const first = this.bytes[start]!;
    let value = first;
    let least = 0;
    if (first === FORM.twoBytes) {
      value = this.#unsigned(2);
      least = FORM.twoBytes;
    } else if (first === FORM.fourBytes) {
      value = this.#unsigned(4);
      least = 0x1_0000;
    } else if (first === FORM.sixBytes) {
      value = this.#unsigned(6);
      least = 0x1_0000_0000;
    } else if (first > FORM.sixBytes) {
      this.refuse(`a ${what} that begins with ${first}`, start);
    }
    if (value < least) this.refuse(`a ${what} that has a shorter form`, start);
    if (value >= end) this.refuse(`a ${what} of ${value}`, start);
    return value;
  }

  /** As many bytes as a whole number, the most significant first. */
  #unsigned(length: number): number {
    let value = 0;
    for (let at = this.take(length); at < this.at; at++) value = value * 256 + this.bytes[at]!;
    return value;
  }

  /** @returns How many elements follow: no more than there are bytes. */
  elements(): number {
    const length = this.number(0x1_0000_0000, 'count');
    const left = this.bytes.length - this.at;
    if (length > left) this.refuse(`${length} items declared, ${left} bytes left`);
    return length;
  }

  /** A container begins. */
  enter(): void {
    if (this.#depth === MAX_POSITIONAL_DEPTH) this.refuse(`more than ${MAX_POSITIONAL_DEPTH} levels deep`);
    this.#depth++;
  }

  leave(): void {
    this.#depth--;
  }

  count(items: number): void {
    this.#items += items;
    if (this.#items > MAX_POSITIONAL_ITEMS) this.refuse(`more than ${MAX_POSITIONAL_ITEMS} items`);
  }

  /** Nothing may follow. */
  finish(): void {
    const left = this.bytes.length - this.at;
    if (left > 0) this.refuse(`${left} bytes too many`);
  }

  refuse(what: string, at = this.at): never {
    throw new DecoraftError('InvalidArgument', `${this.#where}: encoded arguments, byte ${at}: ${what}`);
  }
}
