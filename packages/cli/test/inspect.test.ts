import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Workspace } from './command.js';
import { fill, freeAddress, startLedgerNode, stateOf, stoppedNode } from './node-directory.js';

let template: string;

beforeAll(async () => {
  template = mkdtempSync(join(tmpdir(), 'decoraft-inspect-'));
  await stoppedNode(join(template, 'a'));
}, 60_000);

afterAll(() => rmSync(template, { recursive: true, force: true }));

/** A workspace with a copy of the directory of a stopped node in `a`. */
function copied(): Workspace {
  const workspace = new Workspace();
  cpSync(join(template, 'a'), workspace.path('a'), { recursive: true });
  return workspace;
}

function filesOf(workspace: Workspace, ending: string): readonly string[] {
  return readdirSync(workspace.path('a'))
    .filter((name) => name.endsWith(ending))
    .toSorted();
}

function flipBit(path: string, byte: number): void {
  const content = readFileSync(path);
  content[byte] = (content[byte] ?? 0) ^ 1;
  writeFileSync(path, content);
}

interface Told {
  readonly code: number | null;
  readonly text: string;
}

/** Runs `inspect`, and checks that every file is as it was. */
async function inspect(workspace: Workspace, ...options: readonly string[]): Promise<Told> {
  const before = stateOf(workspace.path('a'));
  const { code, errors, output } = await workspace.run('inspect', 'a', ...options);
  expect(stateOf(workspace.path('a'))).toEqual(before);
  return { code, text: output + errors };
}

interface SegmentJson {
  readonly file: string;
  readonly state: string;
  readonly usedBytes: number;
}

async function segmentsOf(workspace: Workspace): Promise<readonly SegmentJson[]> {
  const { text } = await inspect(workspace, '--json');
  return (JSON.parse(text) as { readonly segments: readonly SegmentJson[] }).segments;
}

async function openSegmentOf(workspace: Workspace): Promise<SegmentJson> {
  const open = (await segmentsOf(workspace)).find(({ state }) => state === 'open');
  if (!open) throw new Error('no segment is open');
  return open;
}

describe('decoraft inspect', () => {
  test('says what is in the directory of a node that stopped, and changes nothing', async () => {
    const { code, text } = await inspect(copied());
    expect(text).toMatch(/^node +a$/m);
    expect(text).toMatch(/^cluster +[0-9a-f]{8}$/m);
    expect(text).toMatch(/^members +a at 127\.0\.0\.1:\d+, voter$/m);
    expect(text).toMatch(/^in use +no$/m);
    expect(text).toMatch(/^term +2, voted for a$/m);
    expect(text).toMatch(/^entries +\d+ to \d+, \d+ entries; a snapshot covers up to \d+$/m);
    expect(text).toMatch(/^ +\d+ +sealed +\d+ +[\d,]+ +16,384 +ok: header and seal$/m);
    expect(text).toMatch(/^ +\d+ +open +\d+ +[\d,]+ +16,384 +ok$/m);
    expect(text.match(/^\d+-\d+\.snapshot +\d+ +2 .* yes +ok/gm)).toHaveLength(1);
    expect(text).toMatch(/^Whole, as far as a start reads; --verify reads every byte\.$/m);
    expect(code).toBe(0);
  });

  test('reads every byte with --verify', async () => {
    const { code, text } = await inspect(copied(), '--verify');
    expect(text).not.toContain('header');
    expect(text).toMatch(/^Whole: every byte was read\.$/m);
    expect(code).toBe(0);
  });

  test('tells programs the same in JSON', async () => {
    const { code, text } = await inspect(copied(), '--json', '--verify');
    expect(JSON.parse(text)).toMatchObject({
      kind: 'inspected',
      owner: { nodeId: 'a', format: 3 },
      lock: { kind: 'released' },
      cluster: { members: [{ id: 'a', role: 'voter' }] },
      log: { hardState: { term: 2, vote: 'a' }, snapshot: { configuration: { voters: ['a'] } } },
      damages: [],
      isVerified: true,
    });
    expect(code).toBe(0);
  });

  test('works beside a node that writes', async () => {
    const workspace = new Workspace();
    const address = await freeAddress();
    const node = await startLedgerNode({ id: 'a', dataDir: workspace.path('a'), peers: { a: address } });
    const progress = { isOver: false };
    const writing = fill([address], 1, 600).finally(() => (progress.isOver = true));
    let inspections = 0;
    while (!progress.isOver) {
      const { code, errors, output } = await workspace.run('inspect', 'a', '--verify');
      expect(output + errors).toContain(`by process ${process.pid}: this is how it was while it was read`);
      expect(code).toBe(0);
      inspections++;
      if (inspections === 2) await node.raft.takeSnapshot();
    }
    await writing;
    expect(inspections).toBeGreaterThan(1);
    expect(node.raft.isLeader).toBe(true);
  }, 60_000);

  test('names the process that ended without releasing the directory', async () => {
    const workspace = copied();
    const [lock = ''] = filesOf(workspace, '').filter((name) => name.startsWith('lock.'));
    const left = { state: 'held', holder: { pid: 4_194_303, started: 'long ago' } };
    workspace.write(`a/${lock}`, JSON.stringify(left));
    const { code, text } = await inspect(workspace);
    expect(text).toMatch(/^in use +no: process 4194303 ended without releasing it$/m);
    expect(code).toBe(0);
  });

  test('names file and byte of a bit that flipped in the middle of the log', async () => {
    const segments = (await segmentsOf(copied())).filter(({ state }) => state === 'sealed');
    for (const { file, usedBytes } of segments) {
      const workspace = copied();
      const name = file.slice(file.lastIndexOf('/') + 1);
      const flipped = Math.floor(usedBytes / 2);
      flipBit(workspace.path(`a/${name}`), flipped);
      const { code, text } = await inspect(workspace, '--verify');
      const [, byte] = new RegExp(`^DAMAGED  .*${name}, byte (\\d+): `, 'm').exec(text) ?? [];
      expect(Number(byte)).toBeLessThanOrEqual(flipped);
      expect(Number(byte)).toBeGreaterThan(flipped - 1_000);
      expect(text).toMatch(/sealed .* DAMAGED$/m);
      expect(code).toBe(1);
    }
    expect(segments.length).toBeGreaterThan(1);
  }, 60_000);

  test('notices without --verify what a start would notice', async () => {
    const workspace = copied();
    const { file, usedBytes } = await openSegmentOf(workspace);
    flipBit(file, Math.floor(usedBytes / 2));
    const { code, text } = await inspect(workspace);
    expect(text).toMatch(/^DAMAGED .* byte \d+: the record is damaged, and others follow it$/m);
    expect(text).toMatch(/A node refuses to start from it/);
    expect(code).toBe(1);
  });

  test('tells a torn tail from damage', async () => {
    const workspace = copied();
    const { file, usedBytes } = await openSegmentOf(workspace);
    const content = readFileSync(file);
    content.fill(0, usedBytes - 3, usedBytes);
    writeFileSync(file, content);
    const { code, text } = await inspect(workspace, '--verify');
    expect(text).toMatch(/^note .*behind the end of the log stands a record that was not finished/m);
    expect(text).not.toContain('DAMAGED');
    expect(code).toBe(0);
  });

  test('names a missing segment', async () => {
    const workspace = copied();
    const segments = filesOf(workspace, '.segment');
    const missing = segments.at(-3) ?? '';
    workspace.remove(`a/${missing}`);
    const { code, text } = await inspect(workspace);
    expect(text).toContain(`${missing}, byte 0: the segment is missing, others follow it`);
    expect(code).toBe(1);
  });

  test('names a segment whose file ends too early', async () => {
    const workspace = copied();
    const name = filesOf(workspace, '.segment').at(-3) ?? '';
    truncateSync(workspace.path(`a/${name}`), 5_000);
    const { code, text } = await inspect(workspace);
    expect(text).toMatch(new RegExp(`^DAMAGED  .*${name}, byte 5000: the file ends here`, 'm'));
    expect(code).toBe(1);
  });

  test('names a truncated snapshot, and a bit that flipped in one', async () => {
    const [, newest = ''] = filesOf(copied(), '.snapshot');
    const truncated = copied();
    truncateSync(truncated.path(`a/${newest}`), 1_000);
    const cut = await inspect(truncated);
    expect(cut.text).toMatch(new RegExp(`^DAMAGED  .*${newest}, byte 1000: the file ends here`, 'm'));
    expect(cut.text).toMatch(/A node refuses to start from it/);
    expect(cut.code).toBe(1);

    const flipped = copied();
    flipBit(flipped.path(`a/${newest}`), 20_000);
    const bit = await inspect(flipped);
    expect(bit.text).toMatch(new RegExp(`^DAMAGED  .*${newest}, byte \\d+: the checksum of the data`, 'm'));
    expect(bit.code).toBe(1);
  });

  test('tells damage to an older snapshot with --verify, and that a node would start', async () => {
    const workspace = copied();
    const [older = ''] = filesOf(workspace, '.snapshot');
    flipBit(workspace.path(`a/${older}`), 2_000);
    expect((await inspect(workspace)).code).toBe(0);
    const { code, text } = await inspect(workspace, '--verify');
    expect(text).toContain('A node would start from what is whole.');
    expect(code).toBe(1);
  });

  test('names damaged metadata, and metadata that is missing', async () => {
    const damaged = copied();
    flipBit(damaged.path('a/metadata'), 12);
    const flipped = await inspect(damaged);
    expect(flipped.text).toMatch(/^DAMAGED  .*metadata, byte 0: the checksum does not match$/m);
    expect(flipped.code).toBe(1);
    const without = copied();
    without.remove('a/metadata');
    const missing = await inspect(without);
    expect(missing.text).toMatch(/^DAMAGED  .*metadata, byte 0: the file is missing/m);
    expect(missing.code).toBe(1);
  });

  test('refuses what is no data directory with 2', async () => {
    const workspace = new Workspace({ 'foreign/letter.txt': 'dear', 'other/metadata': 'of another program' });
    mkdirSync(workspace.path('empty'));
    const reasons = {
      missing: 'missing does not exist',
      empty: 'empty is empty',
      foreign: 'foreign is no data directory',
      other: 'other is no data directory',
      'foreign/letter.txt': 'letter.txt',
    };
    for (const [path, reason] of Object.entries(reasons)) {
      const { code, errors, output } = await workspace.run('inspect', path);
      expect(errors).toContain(reason);
      expect(output).toBe('');
      expect(code).toBe(2);
    }
  });

  test('refuses the directory of a newer release with 2', async () => {
    const workspace = copied();
    const [line = ''] = workspace.read('a/metadata').split('\n');
    const newer = line.replace('"format":3', '"format":99');
    workspace.write('a/metadata', `${newer}\n${crc32(newer).toString(16).padStart(8, '0')}\n`);
    const { code, text } = await inspect(workspace);
    expect(text).toContain('format version 99, this release reads up to version');
    expect(code).toBe(2);
  });

  test('leaves names alone that are not of a node, and says so', async () => {
    const workspace = copied();
    workspace.write('a/notes.txt', 'mine');
    workspace.write('a/snapshot.tmp', 'half');
    const { code, text } = await inspect(workspace);
    expect(text).toMatch(/^not ours +notes\.txt$/m);
    expect(text).toMatch(/^unfinished +snapshot\.tmp$/m);
    expect(code).toBe(0);
  });

  test('refuses a command that makes no sense', async () => {
    const workspace = new Workspace();
    for (const args of [[], ['a', 'b'], ['a', '--mend']]) {
      const { code, errors } = await workspace.run('inspect', ...args);
      expect(errors).toMatch(/^decoraft: inspect/);
      expect(code).toBe(2);
    }
  });
});
