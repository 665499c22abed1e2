import type { ByteReader, ByteWriter } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import { TAG } from './tags.js';

const encoder = new TextEncoder();
// A byte order mark at the front of a text is part of the text.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Texts up to here are written by hand: most are short, and an array of its own for each would cost the most. */
const SHORT_TEXT_LENGTH = 32;

/** Writes a text, tag first; every text comes back as it was, also one that is no Unicode. */
export function writeText(writer: ByteWriter, text: string): void {
  if (text.length <= SHORT_TEXT_LENGTH && isAscii(text)) {
    writer.u8(TAG.text).u32(text.length);
    for (let at = 0; at < text.length; at++) writer.u8(text.charCodeAt(at));
  } else if (LONE_SURROGATE.test(text)) {
    writer.u8(TAG.units).u32(text.length);
    for (let at = 0; at < text.length; at++) writer.u16(text.charCodeAt(at));
  } else {
    writer.u8(TAG.text).bytes(encoder.encode(text));
  }
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}

/** Reads what {@link writeText} wrote behind its tag. @throws CodedError for what it did not write. */
export function readText(reader: ByteReader, tag: number): string {
  if (tag === TAG.text) return decodeText(reader.bytes());
  if (tag !== TAG.units) throw new DecoraftError('Corrupted', `a text is expected, but its tag is ${tag}`);
  const length = reader.u32();
  // All of them are there before the first is read.
  const units = reader.raw(length * 2);
  let text = '';
  for (let at = 0; at < units.length; at += 2) {
    text += String.fromCharCode((units[at] ?? 0) | ((units[at + 1] ?? 0) << 8));
  }
  return text;
}

function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new DecoraftError('Corrupted', 'a text is not UTF-8', { cause });
  }
}
