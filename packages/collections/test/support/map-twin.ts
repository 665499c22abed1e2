import { canonicalKey } from 'decoraft';
import type { Data, MapChange, MapEntry, RemovalReason, SetOptions } from '../../src/index.js';

interface Life {
  readonly ttlMs: number;
  readonly endsAtMs: number;
  /** When it was begun, among all. */
  readonly turn: number;
}

interface TwinEntry {
  readonly value: Data;
  readonly version: number;
  readonly life: Life | undefined;
  readonly owner: number | undefined;
}

/** What a map should be and say, by the plainest means: everything is looked through, every time. */
export class MapTwin {
  readonly entries = new Map<string, TwinEntry>();
  readonly #tell: (change: MapChange) => void;
  #version = 0;
  #turn = 0;
  #nowMs = 0;

  /** @param tell Told of every change when it happens. */
  constructor(tell: (change: MapChange) => void) {
    this.#tell = tell;
  }

  /** It is that late now: what has had its time is removed, in the order in which it was up. */
  advance(nowMs: number): void {
    this.#nowMs = nowMs;
    const due = [...this.entries]
      .flatMap(([key, { life }]) => (life && life.endsAtMs <= nowMs ? [{ key, ...life }] : []))
      .toSorted((left, right) => left.endsAtMs - right.endsAtMs || left.turn - right.turn);
    for (const { key } of due) this.remove(key, 'expired');
  }

  end(sessions: readonly number[]): void {
    for (const session of sessions) {
      const keys = [...this.entries].filter(([, { owner }]) => owner === session).map(([key]) => key);
      for (const key of inOrder(keys)) this.remove(key, 'session-ended');
    }
  }

  set(session: number, key: string, value: Data, { ephemeral, ttlMs }: SetOptions): Data | undefined {
    const previous = this.entries.get(key)?.value;
    const life = ttlMs === undefined ? undefined : this.#begin(ttlMs);
    this.#version += 1;
    this.entries.set(key, { value, version: this.#version, life, owner: ephemeral ? session : undefined });
    this.#tell({ kind: 'set', key, value, version: this.#version });
    return previous;
  }

  isEqual(key: string, expected: Data | undefined): boolean {
    return canonicalKey(this.entries.get(key)?.value) === canonicalKey(expected);
  }

  versionOf(key: string): number {
    return this.entries.get(key)?.version ?? 0;
  }

  touch(key: string, ttlMs: number | undefined): boolean {
    const entry = this.entries.get(key);
    const duration = ttlMs ?? entry?.life?.ttlMs;
    if (!entry || duration === undefined) return false;
    this.entries.set(key, { ...entry, life: this.#begin(duration) });
    return true;
  }

  remove(key: string, reason: RemovalReason): Data | undefined {
    const value = this.entries.get(key)?.value;
    if (!this.entries.delete(key)) return undefined;
    this.#version += 1;
    this.#tell({ kind: 'removed', key, version: this.#version, reason });
    return value;
  }

  clear(): number {
    const keys = inOrder([...this.entries.keys()]);
    for (const key of keys) this.remove(key, 'deleted');
    return keys.length;
  }

  /** All entries in order, as they are shown. */
  shown(): readonly MapEntry[] {
    return inOrder([...this.entries.keys()]).flatMap((key) => {
      const entry = this.entries.get(key);
      if (!entry) return [];
      const { life, owner, value, version } = entry;
      return [
        {
          key,
          value,
          version,
          ...(life && { expiresAtMs: life.endsAtMs }),
          isEphemeral: owner !== undefined,
        },
      ];
    });
  }

  #begin(ttlMs: number): Life {
    return { ttlMs, endsAtMs: this.#nowMs + ttlMs, turn: this.#turn++ };
  }
}

function inOrder(keys: readonly string[]): readonly string[] {
  return keys.toSorted((left, right) => (left < right ? -1 : 1));
}
