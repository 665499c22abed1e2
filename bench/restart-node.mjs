/**
 * One start, in a process of its own: `restart-node.mjs node DIRECTORY ENTRIES` starts a node on what is in the directory
 * and waits until it has applied so many entries; `restart-node.mjs bare DIRECTORY` reads the same files and does nothing
 * with them. Prints one line of JSON. Plain JavaScript, so that no compiler stands in the memory that is measured.
 */
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { durableStorage, RaftService, RpcServer } from 'decoraft/server';
import { KeyValue } from '../examples/key-value/dist/key-value.machine.js';
import '../examples/key-value/dist/generated/operations.js';

const BUFFER_BYTES = 1 << 20;
const MEBIBYTE = 1 << 20;
const KIBIBYTES_PER_MEBIBYTE = 1_024;

const [kind, directory, entries, peersAsJson] = process.argv.slice(2);
const beforeMiB = process.memoryUsage().rss / MEBIBYTE;
const startMs = performance.now();
const seconds = () => (performance.now() - startMs) / 1_000;
const cpuBefore = process.cpuUsage();
const facts = kind === 'bare' ? await readBare() : await startNode();
const { system, user } = process.cpuUsage(cpuBefore);
const cpuSeconds = (system + user) / 1e6;
const peakMiB = process.resourceUsage().maxRSS / KIBIBYTES_PER_MEBIBYTE;
console.log(JSON.stringify({ ...facts, cpuSeconds, beforeMiB, peakMiB }));
process.exit(0);

async function readBare() {
  const buffer = new Uint8Array(BUFFER_BYTES);
  let bytes = 0;
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const found = await stat(path);
    if (!found.isFile()) continue;
    const file = await open(path, 'r');
    for (let left = found.size; left > 0; left -= buffer.length) {
      bytes += (await file.read(buffer, 0, buffer.length)).bytesRead;
    }
    await file.close();
  }
  return { megabytes: bytes / 1e6, seconds: seconds() };
}

async function startNode() {
  const peers = JSON.parse(peersAsJson);
  const server = new RpcServer({ address: peers.a });
  // No snapshot and no check within what is measured: the next start shall find the same.
  const settings = { snapshotEntries: Number(entries), stateCheckEntries: 0 };
  const raft = new RaftService({ id: 'a', server, storage: durableStorage(directory), settings });
  raft.on('failed', (error) => {
    throw error;
  });
  raft.register('users', new KeyValue());
  await server.listen();
  await raft.start();
  const openSeconds = seconds();
  while (raft.appliedIndex < Number(entries)) await pause(1);
  return { openSeconds, seconds: seconds() };
}
