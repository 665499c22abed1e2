import type { ByteReader, ByteWriter } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';

/** How many there are, and each of them. */
export function writeMany<Item>(
  writer: ByteWriter,
  items: readonly Item[],
  write: (writer: ByteWriter, item: Item) => void,
): void {
  writer.u32(items.length);
  for (const item of items) write(writer, item);
}

/** A count that lies runs out of bytes before it takes memory. */
export function readMany<Item>(reader: ByteReader, read: () => Item): Item[] {
  const items: Item[] = [];
  for (let left = reader.u32(); left > 0; left--) items.push(read());
  return items;
}

/** Items with an id each, none twice; an id is at most `limit`. */
export function readAscending<Item>(
  reader: ByteReader,
  read: (reader: ByteReader) => Item,
  idOf: (item: Item) => number,
  limit: number,
): readonly Item[] {
  let last = -1;
  return readMany(reader, () => {
    const item = read(reader);
    const id = idOf(item);
    check(id > last && id <= limit, `id ${id} is out of order, or beyond ${limit}`);
    last = id;
    return item;
  });
}

/** @throws DecoraftError `Corrupted` */
export function check(condition: boolean, otherwise: string): void {
  if (!condition) throw new DecoraftError('Corrupted', otherwise);
}
