/**
 * The generator on 100 machines of 20 operations each: a first run beside the compiler's own check of the same files,
 * runs in a process that goes on, and the time from saving a file to the written client with `--watch`.
 *
 *     npx tsx bench/codegen.ts
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createGenerator, type Generator, writeFiles } from '@decoraft/codegen';
import { CodegenProject } from './codegen-project.js';
import { median } from './quantiles.js';

export interface CodegenBenchRow {
  readonly what: string;
  /** By the clock, in the middle of all rounds, and at worst. */
  readonly ms: number;
  readonly worstMs: number;
  /** Of a process of its own: what it computed, and its memory at its highest. */
  readonly cpuMs?: number;
  readonly peakMiB?: number;
  /** In shares of the compiler's check of the same files: by what both computed, or where that is not known by the clock. */
  readonly ofCheck: number;
}

export interface CodegenBenchOptions {
  readonly machines?: number;
  readonly rounds?: number;
}

const COMPILER = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
const DECORAFT = fileURLToPath(new URL('../packages/cli/dist/main.js', import.meta.url));
/** Says at the end of a process what it took. */
const TELLS_USAGE = `data:text/javascript,${encodeURIComponent(
  `process.on('exit', () => console.error('usage ' + JSON.stringify(process.resourceUsage())));`,
)}`;
const KIBIBYTES = 1_024;
const WATCH_LIMIT_MS = 30_000;

export async function benchCodegen({ machines = 100, rounds = 3 }: CodegenBenchOptions = {}): Promise<
  readonly CodegenBenchRow[]
> {
  const project = await CodegenProject.create(machines);
  try {
    const [check, cold] = await measureProcesses(project, rounds);
    const row = (what: string, { cpu, peakMiB, times }: Measured): CodegenBenchRow => {
      const ms = median(times);
      const usage = cpu && { cpuMs: median(cpu) };
      const ofCheck = cpu ? median(cpu) / median(check.cpu) : ms / median(check.times);
      return { what, ms, worstMs: Math.max(...times), ...usage, ...(peakMiB && { peakMiB }), ofCheck };
    };
    const warm = await measureWarm(project, 10 * rounds);
    const watch = await measureWatch(project, 5 * rounds);
    return [
      row('the compiler checks, in a process of its own', check),
      row('decoraft generate, in a process of its own', cold),
      row('again, nothing changed', { times: warm.unchanged }),
      row('again, one machine changed', { times: warm.changed }),
      row('again, what all import changed', { times: warm.common }),
      row('--watch, from save to client', watch),
    ];
  } finally {
    await project.remove();
  }
}

interface Measured {
  readonly times: readonly number[];
  readonly cpu?: readonly number[];
  readonly peakMiB?: number;
}

/** The compiler and the generator in turn, so that both have the same share of a machine that others use as well. */
async function measureProcesses(project: CodegenProject, rounds: number) {
  const programs = [
    { args: [COMPILER, '-p', 'tsconfig.json', '--noEmit'], times: [] as number[], usages: [] as Usage[] },
    { args: [DECORAFT, 'generate'], times: [] as number[], usages: [] as Usage[] },
  ] as const;
  for (let round = 0; round < rounds; round++) {
    for (const { args, times, usages } of programs) {
      const start = performance.now();
      const child = run(project, args);
      const [usage, [code]] = await Promise.all([usageOf(child), once(child, 'exit')]);
      times.push(performance.now() - start);
      if (code !== 0) throw new Error(`${args.join(' ')} ended with ${String(code)}`);
      usages.push(usage);
    }
  }
  const measured = ({ times, usages }: (typeof programs)[number]) => ({
    times,
    cpu: usages.map(({ cpuMs }) => cpuMs),
    peakMiB: Math.max(...usages.map(({ peakMiB }) => peakMiB)),
  });
  return [measured(programs[0]), measured(programs[1])] as const;
}

function run(project: CodegenProject, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--import', TELLS_USAGE, ...args], {
    cwd: project.directory,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

interface Usage {
  readonly cpuMs: number;
  readonly peakMiB: number;
}

/** When the process has ended. */
async function usageOf({ stderr }: ChildProcess): Promise<Usage> {
  let text = '';
  if (stderr) for await (const chunk of stderr) text += String(chunk);
  const found = /^usage (.+)$/m.exec(text)?.[1];
  if (found === undefined) throw new Error(`a process ended early: ${text}`);
  const { maxRSS, systemCPUTime, userCPUTime } = JSON.parse(found) as NodeJS.ResourceUsage;
  return { cpuMs: (userCPUTime + systemCPUTime) / 1_000, peakMiB: maxRSS / KIBIBYTES };
}

/** In this process, on a generator that has run before. */
async function measureWarm(project: CodegenProject, rounds: number) {
  const generator = createGenerator({ cwd: project.directory });
  timed(generator);
  const unchanged: number[] = [];
  const changed: number[] = [];
  const common: number[] = [];
  for (let round = 0; round < rounds; round++) {
    unchanged.push(timed(generator));
    await project.save(round % project.machines, `changed${round}`);
    changed.push(timed(generator));
  }
  for (let round = 0; round < Math.max(1, rounds / 10); round++) {
    await project.saveCommon(`/** Round ${round}. */`);
    common.push(timed(generator));
  }
  return { unchanged, changed, common };
}

function timed(generator: Generator): number {
  const start = performance.now();
  const result = generator.generate();
  const [problem] = result.problems;
  if (problem) throw new Error(problem.message);
  writeFiles(result);
  return performance.now() - start;
}

async function measureWatch(project: CodegenProject, rounds: number): Promise<Measured> {
  const child = run(project, [DECORAFT, 'generate', '--watch']);
  const usage = usageOf(child);
  const times: number[] = [];
  try {
    // The first one says that it is there.
    for (let round = 0; round <= rounds; round++) {
      const machine = (7 * round) % project.machines;
      const name = `watched${round}`;
      const start = performance.now();
      await project.save(machine, name);
      for (;;) {
        const text = await readFile(project.clientOf(machine), 'utf8');
        if (text.includes(`${name}(`)) break;
        if (performance.now() - start > WATCH_LIMIT_MS) throw new Error('--watch writes no client');
        await pause(1);
      }
      if (round > 0) times.push(performance.now() - start);
    }
  } finally {
    child.kill('SIGINT');
  }
  return { times, peakMiB: (await usage).peakMiB };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.table(await benchCodegen());
