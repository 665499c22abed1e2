/** Starts three servers, and starts again each one that dies: `npm start --workspace examples/chat`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('server.js', import.meta.url));
const PEERS = { a: '127.0.0.1:2130', b: '127.0.0.1:2131', c: '127.0.0.1:2132' };
const PAGE_PORTS = { a: 8080, b: 8081, c: 8082 };
const RESTART_MS = 3_000;

const directory = await mkdtemp(join(tmpdir(), 'decoraft-chat-'));
const more = JSON.stringify({ pagePorts: PAGE_PORTS });
const servers = new Set<ChildProcess>();

/** One that was killed is started again; one that ended by itself has said why, and ends all. */
function start(id: string): void {
  const parts = [SERVER, id, join(directory, id), JSON.stringify(PEERS), more];
  const server = spawn(process.execPath, parts, { stdio: ['ignore', 'inherit', 'inherit'] });
  servers.add(server);
  console.log(`${id} is process ${server.pid}`);
  server.once('exit', (code) => {
    servers.delete(server);
    if (code !== null) return end(code);
    console.log(`${id} was killed, and comes back in ${RESTART_MS / 1_000} s`);
    setTimeout(() => start(id), RESTART_MS);
    return undefined;
  });
}

function end(code: number): void {
  for (const server of servers) server.kill();
  process.exit(code);
}

process.once('SIGINT', () => end(0));
process.once('SIGTERM', () => end(0));
console.log(`the logs are in ${directory}`);
for (const [id, port] of Object.entries(PAGE_PORTS)) console.log(`${id}: http://127.0.0.1:${port}/#lobby`);
console.log('Open some of them, talk, and kill -9 any of the processes meanwhile.');
for (const id of Object.keys(PEERS)) start(id);
