import { ByteReader, MalformedBytes } from '@decoraft/base';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress, parseAddress } from '../src/address.js';
import { type Frame, readFrames, writeBare, writeCredit, writePayload, writeRequest } from '../src/frames.js';
import { decodeMetadata, encodeMetadata } from '../src/metadata.js';
import { message } from './support/raw-client.js';

const id = fc.integer({ min: 0, max: 0xffff_ffff });
const payload = fc.uint8Array({ maxLength: 50 });
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('call', 'send', 'gather'),
    requestId: id,
    service: id,
    method: id,
    remainingMs: maybe(id),
    metadata: maybe(payload),
    creditBytes: fc.constant(0),
    payload,
  }),
  fc.record({
    kind: fc.constantFrom('open', 'converse'),
    requestId: id,
    service: id,
    method: id,
    remainingMs: maybe(id),
    metadata: maybe(payload),
    creditBytes: id,
    payload,
  }),
  fc.record({ kind: fc.constantFrom('reply', 'item', 'fail', 'refuse'), requestId: id, payload }),
  fc.record({ kind: fc.constantFrom('end', 'cancel', 'ping', 'pong', 'goodbye'), requestId: id }),
  fc.record({ kind: fc.constant('credit'), requestId: id, bytes: id }),
);

function encode(frames: readonly Frame[]): Uint8Array {
  return message((sink) => {
    for (const each of frames) {
      switch (each.kind) {
        case 'call':
        case 'open':
        case 'send':
        case 'gather':
        case 'converse':
          writeRequest(sink, each);
          break;
        case 'credit':
          writeCredit(sink, each.requestId, each.bytes);
          break;
        case 'reply':
        case 'item':
        case 'fail':
        case 'refuse':
          writePayload(sink, each.kind, each.requestId, each.payload);
          break;
        case 'hello':
          break;
        default:
          writeBare(sink, each.kind, each.requestId);
      }
    }
  });
}

function decode(bytes: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  readFrames(bytes, (each) => {
    frames.push(each);
    return true;
  });
  return frames;
}

describe('frames', () => {
  test('come back as they were written, however many there are in a message', () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 10 }), (frames) => {
        expect(decode(encode(frames))).toEqual(frames);
      }),
      { numRuns: 1_000 },
    );
  });

  test('that are cut anywhere are malformed, and so is anything that is none', () => {
    const attempt = (bytes: Uint8Array) => {
      try {
        return decode(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedBytes);
        return undefined;
      }
    };
    fc.assert(
      fc.property(frame, fc.double({ min: 0, max: 0.999, noNaN: true }), (each, share) => {
        const whole = encode([each]);
        expect(attempt(whole.subarray(0, Math.floor(whole.length * share)))).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void attempt(bytes)),
      { numRuns: 5_000 },
    );
  });

  test('a header says how long its frame is before anything is taken', () => {
    const reader = new ByteReader(encode([{ kind: 'reply', requestId: 1, payload: new Uint8Array(10) }]));
    expect(reader.u32()).toBe(reader.remaining);
  });
});

describe('metadata', () => {
  test('comes back with every key, and without a prototype', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 });
    const key = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'toString'));
    fc.assert(
      fc.property(fc.array(fc.tuple(key, text), { minLength: 1 }), (entries) => {
        const metadata = Object.fromEntries(entries);
        const decoded = decodeMetadata(encodeMetadata(metadata) ?? new Uint8Array());
        expect(Object.entries(decoded)).toEqual(Object.entries(metadata));
        expect(Object.getPrototypeOf(decoded)).toBe(null);
      }),
    );
  });

  test('that is empty takes no bytes', () => {
    expect(encodeMetadata({})).toBeUndefined();
    expect(encodeMetadata(undefined)).toBeUndefined();
  });
});

describe('addresses', () => {
  test.each([
    ['127.0.0.1:2100', { host: '127.0.0.1', port: 2100 }],
    ['[::1]:2100', { host: '::1', port: 2100 }],
    ['[fe80::1%eth0]:1', { host: 'fe80::1%eth0', port: 1 }],
    ['db-1.example.org:0', { host: 'db-1.example.org', port: 0 }],
  ])('%s is read and written', (address, parts) => {
    expect(parseAddress(address)).toEqual(parts);
    expect(formatAddress(parts)).toBe(address);
  });
});
