import { ByteReader, ByteWriter } from '@decoraft/base';

export { NO_METADATA } from '@decoraft/base';

export type Metadata = Readonly<Record<string, string>>;

/** What a call says itself, over what its channel says of every call. */
export function mergeMetadata(
  common: Metadata | (() => Metadata) | undefined,
  metadata: Metadata | undefined,
): Metadata | undefined {
  const own = typeof common === 'function' ? common() : common;
  return own && metadata ? { ...own, ...metadata } : (metadata ?? own);
}

/** The entries as bytes; undefined when there are none. */
export function encodeMetadata(metadata: Metadata | undefined): Uint8Array | undefined {
  if (metadata === undefined) return undefined;
  const entries = Object.entries(metadata);
  if (entries.length === 0) return undefined;
  const writer = new ByteWriter().u16(entries.length);
  for (const [key, value] of entries) writer.text(key).text(value);
  return writer.finish();
}

/** Throws MalformedBytes. The result has no prototype: every key that arrives is only a key. */
export function decodeMetadata(bytes: Uint8Array): Metadata {
  const reader = new ByteReader(bytes);
  const metadata: Record<string, string> = Object.create(null);
  for (let left = reader.u16(); left > 0; left--) {
    const key = reader.text();
    metadata[key] = reader.text();
  }
  reader.end();
  return metadata;
}
