export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Where a component says what an operator may want to know. Must not throw and must not block. */
export interface Logger {
  log(level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Says nothing. */
export const silentLogger: Logger = { log: () => undefined };

/** A logger that puts `fields` before those of every message: the node's id, the group's name. */
export function withFields(logger: Logger, fields: Readonly<Record<string, unknown>>): Logger {
  return { log: (level, message, more) => logger.log(level, message, { ...fields, ...more }) };
}
