import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MUTATIONS } from './mutations/mutations.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SCRIPTS = 'packages/raft/test/scripts';
const FACTS = 'packages/raft/test/facts';
const POINTS = 50;
/** Of a later issue; the list says so. */
const NOT_YET: ReadonlySet<string> = new Set(['C49']);

/** One line of an entry: what is named, and where it should be. */
interface Guard {
  /** A path from the root, or the kind: `Scripts`, `Facts`, `Mutations`. */
  readonly where: string;
  readonly names: readonly string[];
}

interface Entry {
  readonly point: string;
  readonly guards: readonly Guard[];
  /** Lines that begin like a guard and are none. */
  readonly odd: readonly string[];
}

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

function entriesOf(list: string): readonly Entry[] {
  const [, ...sections] = list.split(/^### (?=C\d+\. )/m);
  return sections.map((section) => {
    const [head = '', ...lines] = section.split('\n');
    const items = lines.filter((line) => line.startsWith('- '));
    const guards = items.map(guardOf);
    return {
      point: head.slice(0, head.indexOf('.')),
      guards: guards.filter((guard) => guard !== undefined),
      odd: items.filter((_, at) => guards[at] === undefined),
    };
  });
}

function guardOf(line: string): Guard | undefined {
  const [, path, kind, rest = ''] = /^- (?:`([^`]+)`|(Scripts|Facts|Mutations)): (.+)$/.exec(line) ?? [];
  const where = path ?? kind;
  const named = rest.split(' · ').map((name) => /^(?:_(.+)_|`(.+)`)$/.exec(name));
  if (where === undefined || named.includes(null)) return undefined;
  return { where, names: named.map((match) => match?.[1] ?? match?.[2] ?? '') };
}

/** Whether one line of the file has the name, with whatever stands in the place of `…`. */
function names(text: string, name: string): boolean {
  const words = name.split('…').map((part) => part.trim().replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`));
  return new RegExp(words.join('.*')).test(text);
}

/** What a guard names that is not there. */
function missing({ names: given, where }: Guard, point: string): readonly string[] {
  switch (where) {
    case 'Scripts':
      return given.filter((name) => !existsSync(join(ROOT, SCRIPTS, `${name.replaceAll(' ', '_')}.txt`)));
    case 'Facts':
      return given.filter((name) => !existsSync(join(ROOT, FACTS, `${name}.ts`)));
    case 'Mutations':
      return given.filter((name) => !MUTATIONS.some((one) => one.name === name && one.point === point));
    default:
      if (!existsSync(join(ROOT, where))) return [where];
      return given.filter((name) => !names(read(where), name)).map((name) => `${where}: ${name}`);
  }
}

const entries = entriesOf(read('test/CHECKLIST.md'));
const named = (where: string): ReadonlySet<string> =>
  new Set(
    entries.flatMap(({ guards }) => guards.filter((one) => one.where === where).flatMap((one) => one.names)),
  );

describe('the list of mistakes', () => {
  it('has every point once, in order', () => {
    const points = Array.from({ length: POINTS }, (_, at) => `C${at + 1}`);
    expect(entries.map(({ point }) => point)).toEqual(points);
  });

  it('has lines that can be read', () => {
    expect(entries.flatMap(({ odd }) => odd)).toEqual([]);
  });

  it('names a test or a script for every point that is built', () => {
    const unguarded = entries.filter(
      ({ guards }) => !guards.some(({ where }) => where === 'Scripts' || where.includes('/')),
    );
    expect(unguarded.map(({ point }) => point)).toEqual([...NOT_YET]);
  });

  it('names nothing that is not there', () => {
    const lost = entries.flatMap(({ guards, point }) =>
      guards.flatMap((guard) => missing(guard, point).map((name) => `${point}: ${name}`)),
    );
    expect(lost).toEqual([]);
  });

  it('names every mutation, under its point', () => {
    const known = named('Mutations');
    expect(MUTATIONS.filter(({ name }) => !known.has(name)).map(({ name }) => name)).toEqual([]);
  });

  it('names every fact that is checked', () => {
    const helpers = new Set(['fact', 'index', 'quorums']);
    const facts = readdirSync(join(ROOT, FACTS)).map((file) => file.replace(/\.ts$/, ''));
    const known = named('Facts');
    expect(facts.filter((fact) => !helpers.has(fact) && !known.has(fact))).toEqual([]);
  });
});
