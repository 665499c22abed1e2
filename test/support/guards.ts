import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MUTATIONS } from '../mutations/mutations.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SCRIPTS = 'packages/raft/test/scripts';
/** One folder for each claim about the generator. */
const FIXTURES = 'codegen/test/fixtures';
/** Where what Raft's random runs check after every step lies. */
export const FACTS = 'packages/raft/test/facts';

/** One line of an entry: what is named, and where it should be. */
export interface Guard {
  /** A path from the root, or the kind: `Scripts`, `Facts`, `Fixtures`, `Mutations`. */
  readonly where: string;
  readonly names: readonly string[];
}

export interface Entry {
  readonly point: string;
  readonly guards: readonly Guard[];
  /** Lines that begin like a guard and are none. */
  readonly odd: readonly string[];
}

/** A file, by its path from the root. */
export const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The entries of a list: each begins with `### ` and a letter with its number, as `C1. `. */
export function entriesOf(list: string): readonly Entry[] {
  const [, ...sections] = list.split(/^### (?=[A-Z]\d+\. )/m);
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
  const [, path, kind, rest = ''] =
    /^- (?:`([^`]+)`|(Scripts|Facts|Fixtures|Mutations)): (.+)$/.exec(line) ?? [];
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

/** What a guard names that is not there. @param point The entry that it stands in. */
function missing({ names: given, where }: Guard, point: string): readonly string[] {
  switch (where) {
    case 'Scripts':
      return given.filter((name) => !existsSync(join(ROOT, SCRIPTS, `${name.replaceAll(' ', '_')}.txt`)));
    case 'Facts':
      return given.filter((name) => !existsSync(join(ROOT, FACTS, `${name}.ts`)));
    case 'Fixtures':
      return given.filter((name) => !existsSync(join(ROOT, FIXTURES, name.replaceAll(' ', '_'))));
    case 'Mutations':
      return given.filter((name) => !MUTATIONS.some((one) => one.name === name && one.point === point));
    default:
      if (!existsSync(join(ROOT, where))) return [where];
      return given.filter((name) => !names(read(where), name)).map((name) => `${where}: ${name}`);
  }
}

/** What the guards of all entries name that is not there, with the entry. */
export function lostGuards(entries: readonly Entry[]): readonly string[] {
  return entries.flatMap(({ guards, point }) =>
    guards.flatMap((guard) => missing(guard, point).map((name) => `${point}: ${name}`)),
  );
}

/** The entries that no test and no script guards. */
export function unguarded(entries: readonly Entry[]): readonly string[] {
  const isTest = ({ where }: Guard): boolean =>
    where === 'Scripts' || where === 'Fixtures' || where.includes('/');
  return entries.filter(({ guards }) => !guards.some(isTest)).map(({ point }) => point);
}
