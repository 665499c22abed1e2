import { nodeId, type NodeId } from '../../src/index.js';
import type { NodeOptions } from './interaction-node.js';

/** How etcd's interaction scripts are written: blocks of commands, each with what is said to them. */

/** One block of a script: commands, and what etcd's core says to them. */
export interface Block {
  readonly commands: readonly string[];
  readonly expected: readonly string[];
}

/** Blocks are commands, `----`, output, an empty line. Comments are dropped. */
export function readBlocks(script: string): readonly Block[] {
  const blocks: Block[] = [];
  let commands: string[] = [];
  let expected: string[] | undefined;
  const close = (): void => {
    if (expected) blocks.push({ commands, expected });
    commands = [];
    expected = undefined;
  };
  for (const line of script.split('\n')) {
    if (expected) {
      if (line.trim() === '') close();
      else expected.push(line);
    } else if (line === '----') expected = [];
    else if (line.trim() !== '' && !line.startsWith('#')) commands.push(line);
  }
  close();
  return blocks;
}

export interface Command {
  readonly name: string;
  /** Arguments without a key. */
  readonly values: readonly string[];
  readonly options: ReadonlyMap<string, readonly string[]>;
}

/** `v2 r3`: a line below `propose-conf-change`. */
export const isChange = (line: string): boolean => /^([vlr]\d+ ?)+$/.test(line.trim());

export function parse(line: string): Command {
  const [name = '', ...words] = line.trim().split(/\s+/);
  // What is proposed is taken as it is.
  if (name === 'propose') return { name, values: words, options: new Map() };
  const pairs = words
    .filter((word) => word.includes('='))
    .map((word): [string, readonly string[]] => {
      const [key = '', value = ''] = word.split('=');
      return [key, value.replaceAll(/[()]/g, '').split(',')];
    });
  return { name, values: words.filter((word) => !word.includes('=')), options: new Map(pairs) };
}

/** What our core has no option for is left out; `interaction-differences.ts` knows the scripts that need it. */
export function nodeOptionsOf(options: Command['options']): NodeOptions {
  const ids = (name: string): readonly NodeId[] => (options.get(name) ?? []).map(nodeId);
  const isOn = (name: string): boolean => options.get(name)?.[0] === 'true';
  const count = (name: string): number => Number(options.get(name)?.[0] ?? 0);
  return {
    voters: ids('voters'),
    learners: ids('learners'),
    from: count('index'),
    preVote: isOn('prevote'),
    checkQuorum: isOn('checkquorum'),
    asyncStorageWrites: isOn('async-storage-writes'),
    ...(options.get('read-only')?.[0]?.startsWith('lease') && { readOnlyOption: 'lease' }),
    ...(options.has('inflight') && { maxInflightMessages: count('inflight') }),
    ...(options.has('election-tick') && { electionTicks: count('election-tick') }),
    ...(options.has('max-committed-size-per-ready') && {
      maxCommittedBytes: count('max-committed-size-per-ready'),
    }),
  };
}
