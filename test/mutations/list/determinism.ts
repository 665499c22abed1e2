import type { Mutation } from '../mutation.js';

/** Replicas that must not differ: C46 to C50. */
export const DETERMINISM: readonly Mutation[] = [
  {
    name: 'the chance of a command is that of its replica',
    point: 'C48',
    theme: 'everything',
    file: 'packages/state-machine/src/command-runner.ts',
    find: 'random: seededRandom(seed) };\n',
    replace: 'random: seededRandom(Math.floor(Math.random() * 1e9)) };\n',
  },
  {
    name: 'the time of a command is that of its replica',
    point: 'C48',
    theme: 'everything',
    file: 'packages/state-machine/src/command-runner.ts',
    find: '    const context = { index, term, time, version, session,',
    replace: '    const context = { index, term, time: time && Date.now(), version, session,',
  },
  {
    name: 'an entry is applied twice after a restart',
    point: 'C46',
    theme: 'snapshots',
    file: 'packages/state-machine/src/replica.ts',
    find: '    this.#applied = index;\n    this.#time = time;\n',
    replace: '    this.#applied = Math.max(0, index - 1);\n    this.#time = time;\n',
  },
];
