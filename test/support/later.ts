interface Closable {
  close(): Promise<void>;
}

const closing: Closable[] = [];

/** Is closed by {@link closeAll}: nodes, clients, pages. Gives what it was given. */
export function later<Thing extends Closable>(thing: Thing): Thing {
  closing.push(thing);
  return thing;
}

/** What every test file that uses {@link later} does after each test: closes all, the last one first. */
export async function closeAll(): Promise<void> {
  for (const thing of closing.splice(0).toReversed()) await thing.close();
}
