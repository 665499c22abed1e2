#!/usr/bin/env node
import { run } from './run.js';

/** Back to the begin of the line, and nothing behind it. */
const START_OVER = '\r\u001B[K';

process.exitCode = await run(process.argv.slice(2), {
  cwd: process.cwd(),
  print: (line) => console.log(line),
  printError: (line) => console.error(line),
  printOver: process.stdout.isTTY ? (line) => void process.stdout.write(START_OVER + line) : undefined,
  untilInterrupted: () =>
    new Promise((resolve) => {
      process.once('SIGINT', () => resolve());
      process.once('SIGTERM', () => resolve());
    }),
});
