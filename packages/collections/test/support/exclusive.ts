import type { Operation } from 'decoraft/testing';

interface Hold {
  readonly name: string;
  readonly token: number;
  readonly from: number;
  readonly to: number;
}

/**
 * The times for which clients certainly had something: from the moment they heard so to the one in which they gave it
 * back, where they were told that they had it until then. Throws where two of them meet, or where the later one has no
 * greater token.
 *
 * @returns How many there were.
 */
export function exclusive(history: readonly Operation[]): number {
  const began = new Map<string, number>();
  const holds: Hold[] = [];
  for (const { input, invoked, outcome } of history) {
    const { kind, name, token } = input as { kind: string; name: string; token: number };
    if (outcome.kind !== 'returned') continue;
    if (kind === 'acquire') {
      const key = `${name} ${(outcome.output as { token: number }).token}`;
      if (began.has(key)) throw new Error(`two were given one token: ${key}`);
      began.set(key, outcome.at.sequence);
    } else if (outcome.output === true) {
      const from = began.get(`${name} ${token}`);
      if (from === undefined) throw new Error(`${name} ${token} was given back and never had`);
      holds.push({ name, token, from, to: invoked.sequence });
    }
  }
  for (const name of new Set(holds.map((hold) => hold.name))) {
    const ordered = holds
      .filter((hold) => hold.name === name)
      .toSorted((one, other) => one.from - other.from);
    for (const [at, hold] of ordered.entries()) {
      const next = ordered[at + 1];
      if (next && (next.from < hold.to || next.token <= hold.token)) {
        throw new Error(`two had ${name}: ${JSON.stringify([hold, next])}`);
      }
    }
  }
  return holds.length;
}
