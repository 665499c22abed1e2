import type { Logger, LogLevel } from '@decoraft/base';

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Writes one line a message to the standard error stream: time, level, words, fields; of errors without a code the stack. */
export function stderrLogger(least: LogLevel = 'warn'): Logger {
  return {
    log(level, message, fields = {}) {
      if (RANK[level] < RANK[least]) return;
      const details = Object.entries(fields).map(([key, value]) => ` ${key}=${words(value)}`);
      process.stderr.write(`${new Date().toISOString()} ${level} ${message}${details.join('')}\n`);
    },
  };
}

/** An error without a code is somebody's mistake, and is looked for where it was thrown. */
function words(value: unknown): string {
  if (!(value instanceof Error)) return JSON.stringify(value) ?? String(value);
  return JSON.stringify('code' in value ? value.message : (value.stack ?? value.message));
}
