/** Some clients of the black-box test, as a process: `node clients.js OPTIONS_AS_JSON`, and then as it is told. */
import { writeFile } from 'node:fs/promises';
import { seededRandom, stableHash, unreachable } from '@decoraft/base';
import { HistoryRecorder } from '@decoraft/testing';
import { connect } from 'decoraft/client';
import type { Answer, Call } from './calls.js';
import { ClientLoad, type SeenToken } from './client-load.js';
import type { ClientsOptions, FromClients, ToClients } from './messages.js';
import { monotonicMs } from './monotonic.js';
import { rewired } from './rewired-dialer.js';

const CONNECT_TIMEOUT_MS = 60_000;

const options = JSON.parse(process.argv[2] ?? '{}') as ClientsOptions;
const recorder = new HistoryRecorder<Call, Answer>(monotonicMs);
const loads: ClientLoad[] = [];
const tokens = new Map<string, SeenToken>();

process.on('disconnect', () => process.exit(1));
process.on('message', (order: ToClients) => void obey(order).catch(fail));
await start().catch(fail);

async function start(): Promise<void> {
  const { addresses, clients, keys, seed } = options;
  for (const { name, renewsByHand, sessionTimeoutMs, ways } of clients) {
    const transport = rewired(ways);
    const cluster = await connect(addresses, {
      transport,
      sessionTimeoutMs,
      onSessionExpired: renewsByHand ? 'fail' : 'renew',
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
    });
    const random = seededRandom(stableHash(`${seed} ${name}`));
    loads.push(new ClientLoad({ name, cluster, recorder, keys, random, renewsByHand, tokens }));
  }
  for (const load of loads) load.start();
  tell({ kind: 'connected' });
}

async function obey(order: ToClients): Promise<void> {
  switch (order.kind) {
    case 'finish':
      await Promise.all(loads.map((load) => load.finish()));
      return tell({ kind: 'finished' });
    case 'settle': {
      const ends = await Promise.all(loads.map((load) => load.settle(order.timeoutMs)));
      return tell({ kind: 'settled', failures: ends.filter((end) => end !== undefined) });
    }
    case 'drain': {
      await Promise.all(loads.map((load) => load.drain(order.versions, order.timeoutMs)));
      const lines = recorder.operations().map((operation) => JSON.stringify(operation));
      await writeFile(options.historyPath, lines.join('\n'));
      return tell({ kind: 'written' });
    }
    default:
      return unreachable(order);
  }
}

function tell(message: FromClients): void {
  process.send?.(message);
}

function fail(thrown: unknown): void {
  console.log(`FAILED ${thrown instanceof Error ? thrown.stack : String(thrown)}`);
  process.exit(1);
}
