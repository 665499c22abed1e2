import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, seededRandom, systemRandom } from '@decoraft/base';
import { Auditor } from './auditor.js';
import { countSubscriptions } from './checks/events-check.js';
import { readHistories } from './checks/history-file.js';
import { describeOperations, longestSilence } from './checks/report.js';
import { violationsIn } from './checks/violations.js';
import { ClientProcess } from './client-process.js';
import { Nodes } from './cluster.js';
import { conduct } from './faults/conductor.js';
import { Happenings } from './faults/happenings.js';
import { NetworkConductor } from './faults/network-conductor.js';
import { ProcessConductor } from './faults/process-conductor.js';
import { FaultyNetwork } from './network/faulty-network.js';
import { steadyPeers } from './ports.js';
import { monotonicMs } from './processes/monotonic.js';

const NODES = ['a', 'b', 'c'] as const;
const KEYS = ['k0', 'k1', 'k2', 'k3', 'k4', 'k5'] as const;
const CONNECT_LIMIT_MS = 120_000;
/** What was under way when the last fault was over ends by its own limit, which is shorter. */
const FINISH_LIMIT_MS = 120_000;
/** When all is well again, everybody is answered within this time, on a machine that has much else to do. */
const ANSWER_LIMIT_MS = 30_000;
/** What happened so long before a time without answers may have led to it. */
const BEFORE_SILENCE_MS = 3_000;
const DRAIN_LIMIT_MS = 60_000;
/** Some clients are forgotten when they are cut off for some seconds; they are told so, and begin anew. */
const SESSION_TIMEOUTS_MS = [5_000, 5_000, 30_000, 30_000] as const;

export interface BlackBoxOptions {
  readonly seed: number;
  /** How long faults happen. */
  readonly forMs: number;
  readonly clients: number;
  readonly clientProcesses: number;
  /** Keeps disks and histories where something was violated, and names the place. */
  readonly isKept: boolean;
}

export interface BlackBoxReport {
  readonly violations: readonly string[];
  /** For a person. */
  readonly lines: readonly string[];
  /** All that was done to the cluster, in order. */
  readonly happenings: readonly string[];
  readonly commandsDone: number;
  readonly output: string;
}

/** One run: real processes, a proxy between every two, faults for some time, and in the end all that must hold. */
export async function runBlackBox(options: BlackBoxOptions): Promise<BlackBoxReport> {
  const { clientProcesses, clients, seed } = options;
  const names = Array.from({ length: clients }, (_, number) => `client${number}`);
  const directory = await mkdtemp(join(tmpdir(), 'decoraft-blackbox-'));
  const peers = await steadyPeers(NODES, systemRandom);
  const network = await FaultyNetwork.open({ nodes: peers, clients: names, random: seededRandom(seed + 2) });
  const nodes = new Nodes({ directory, peers, network });
  const groups = Array.from({ length: clientProcesses }, (_, group) =>
    names.filter((_name, number) => number % clientProcesses === group),
  );
  const paths = groups.map((_, group) => join(directory, `history${group}.jsonl`));
  const processes: ClientProcess[] = [];
  let auditor: Auditor | undefined;
  let isClean = false;
  try {
    nodes.start();
    auditor = await Auditor.begin(Object.values(peers), KEYS);
    for (const [group, members] of groups.entries()) {
      const described = members.map((name, number) => ({
        name,
        ways: network.waysOf(name),
        renewsByHand: number % 2 === 0,
        sessionTimeoutMs: SESSION_TIMEOUTS_MS[number % SESSION_TIMEOUTS_MS.length] ?? 30_000,
      }));
      const historyPath = paths[group] ?? '';
      const addresses = Object.values(peers);
      processes.push(
        new ClientProcess(`clients ${group}`, {
          seed,
          addresses,
          clients: described,
          keys: KEYS,
          historyPath,
        }),
      );
    }
    const report = await play(options, { auditor, names, network, nodes, paths, processes });
    isClean = report.violations.length === 0;
    return isClean || !options.isKept
      ? report
      : { ...report, lines: [...report.lines, `kept in ${directory}`] };
  } finally {
    await Promise.all([nodes.kill(), ...processes.map((process) => process.kill())]);
    await auditor?.close();
    await network.close();
    if (isClean || !options.isKept) await rm(directory, { recursive: true, force: true });
  }
}

interface Stage {
  readonly auditor: Auditor;
  readonly names: readonly string[];
  readonly network: FaultyNetwork;
  readonly nodes: Nodes;
  readonly paths: readonly string[];
  readonly processes: readonly ClientProcess[];
}

async function play({ forMs, seed }: BlackBoxOptions, stage: Stage): Promise<BlackBoxReport> {
  const { auditor, names, network, nodes, paths, processes } = stage;
  await Promise.all(processes.map((process) => process.said('connected', CONNECT_LIMIT_MS)));
  const happenings = new Happenings();
  const began = new Date().toISOString();
  const { startedMs } = happenings;
  const leader = (): string => nodes.leader();
  await conduct({
    seed,
    forMs,
    happenings,
    progress: () => auditor.truth.count,
    processes: new ProcessConductor({ nodes: nodes.processes, clients: processes, leader }, happenings),
    network: new NetworkConductor(network, { nodes: NODES, clients: names, leader }, happenings),
  });
  const healedMs = monotonicMs() - startedMs;
  happenings.note('all faults are over');
  const late: string[] = [];
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    await work().catch((thrown: unknown) => void late.push(messageOf(thrown)));
  };
  await attempt(async () => {
    for (const process of processes) process.tell({ kind: 'finish' });
    await Promise.all(processes.map((process) => process.said('finished', FINISH_LIMIT_MS)));
    for (const process of processes) process.tell({ kind: 'settle', timeoutMs: ANSWER_LIMIT_MS });
    const settled = await Promise.all(
      processes.map((process) => process.said('settled', ANSWER_LIMIT_MS * 2)),
    );
    late.push(...settled.flatMap(({ failures }) => failures));
  });
  let versions: Readonly<Record<string, number>> = {};
  await attempt(async () => void (versions = await auditor.versions()));
  await attempt(async () => void (await nodes.mustBeEqual()));
  for (const process of processes) process.tell({ kind: 'drain', versions, timeoutMs: DRAIN_LIMIT_MS });
  await Promise.all(processes.map((process) => process.said('written', DRAIN_LIMIT_MS * 2)));
  const history = await readHistories(paths, startedMs);
  const witnesses = await auditor.witnesses();
  const { truth } = auditor;
  const violations = [
    ...nodes.complaints,
    ...auditor.complaints,
    ...late,
    ...violationsIn({ history, truth, witnesses }),
  ];
  const silence = longestSilence(history, 0, healedMs);
  const subscriptions = countSubscriptions(history);
  const lines = [
    `seed ${seed}, began at ${began}, ${names.length} clients, ${Math.round(healedMs / 1_000)} s of faults, ${nodes.elections} elections`,
    `operations: ${history.length}`,
    ...describeOperations(history),
    `subscriptions: ${subscriptions.all}, of which ${subscriptions.live} to the end`,
    'faults:',
    ...happenings.counts.map(([kind, count]) => `  ${kind.padEnd(48)} ${count}`),
    `longest time without an answered command: ${Math.round(silence.forMs)} ms, from ${silence.sinceMs} ms on`,
    `slowest start of a node: ${nodes.slowestStartMs} ms`,
    ...happenings.between(silence.sinceMs - BEFORE_SILENCE_MS, silence.sinceMs + silence.forMs),
    `violations: ${violations.length}`,
  ];
  const commandsDone = witnesses.reduce((sum, { last, skipped }) => sum + last - skipped.length, 0);
  return {
    violations,
    lines,
    happenings: happenings.between(0, Infinity),
    commandsDone,
    output: nodes.output,
  };
}
