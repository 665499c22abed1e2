/** All nodes on this machine, each as a process of its own; Ctrl+C ends them. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { peers } from './peers.js';

const program = fileURLToPath(new URL('./node.ts', import.meta.url));
const nodes = Object.keys(peers).map((id) =>
  spawn(process.execPath, ['--import', 'tsx', program, id], { stdio: 'inherit' }),
);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const node of nodes) node.kill('SIGTERM');
  });
}
