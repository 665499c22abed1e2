import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../scripts/soak.mjs', import.meta.url));

interface Soak {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly code: Promise<number | null>;
}

function soak(...args: readonly string[]): Soak {
  const child = spawn(process.execPath, [SCRIPT, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  // Its workers end when nobody is there to send them more.
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout.on('data', (data: Buffer) => void (text += data.toString()));
  child.stderr.on('data', (data: Buffer) => void (text += data.toString()));
  const code = new Promise<number | null>((resolve) => void child.on('close', resolve));
  return { child, code, output: () => text };
}

describe('npm run soak', () => {
  it('tries seeds until the time is over, and sums up', async () => {
    const { code, output } = soak('--minutes', '0.1', '--seed', '1', '--nodes', '1,3', '--workers', '2');
    expect(await code).toBe(0);
    expect(output()).toContain('soak: 0.1 minutes from seed 1 on, 1 or 3 nodes, 2 workers');
    expect(output()).toMatch(/^runs +\d+$/m);
    expect(output()).toMatch(/^simulated +0\.\d{3} hours$/m);
    expect(output()).toMatch(/^rate +\d+\.\d cluster-seconds per second$/m);
    expect(output()).toMatch(/^operations checked +[1-9]/m);
    expect(output()).toMatch(/^violations +0$/m);
  });

  it('says at Ctrl+C what was done so far', async () => {
    const { child, code, output } = soak('--seed', '1');
    await new Promise((resolve) => void child.stdout?.once('data', resolve));
    child.kill('SIGINT');
    expect(await code).toBe(0);
    expect(output()).toMatch(/^violations +0$/m);
  });

  it.each([
    [['--minutes', 'long'], "--minutes is a number from 0.01 to 100000, not 'long'"],
    [['--nodes', '3,12'], "--nodes is a number from 1 to 9, not '12'"],
    [['--workers', '1.5'], "--workers is a whole number, not '1.5'"],
    [['--seed', '-1'], '--seed'],
    [['--hours', '1'], '--hours'],
  ])('refuses %j', async (args, message) => {
    const { code, output } = soak(...args);
    expect(await code).toBe(2);
    expect(output()).toContain(message);
  });
});
