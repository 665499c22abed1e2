import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MUTATIONS } from './mutations/mutations.js';
import { entriesOf, FACTS, lostGuards, read, unguarded } from './support/guards.js';

const POINTS = 50;
/** Of a later issue; the list says so. */
const NOT_YET: readonly string[] = [];

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
    expect(unguarded(entries)).toEqual(NOT_YET);
  });

  it('names nothing that is not there', () => {
    expect(lostGuards(entries)).toEqual([]);
  });

  it('names every mutation, under its point', () => {
    const known = named('Mutations');
    expect(MUTATIONS.filter(({ name }) => !known.has(name)).map(({ name }) => name)).toEqual([]);
  });

  it('names every fact that is checked', () => {
    const helpers = new Set(['fact', 'index', 'quorums']);
    const facts = readdirSync(fileURLToPath(new URL(`../${FACTS}`, import.meta.url))).map((file) =>
      file.replace(/\.ts$/, ''),
    );
    const known = named('Facts');
    expect(facts.filter((fact) => !helpers.has(fact) && !known.has(fact))).toEqual([]);
  });
});
