import { messageOf } from '@decoraft/base';
import type { SimulationOptions } from '@decoraft/testing';
import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { UsageError } from '../terminal.js';

/** What a module may say beside its machines and its workload; seeds are the command's. */
const NUMBERS = ['nodes', 'clients', 'durationMs', 'steps', 'healingMs', 'thinkMs', 'faultEveryMs'] as const;

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
/** What Node says of syntax that it cannot read without help. */
const TYPESCRIPT_ERRORS: ReadonlySet<unknown> = new Set([
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_INVALID_TYPESCRIPT_SYNTAX',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
]);

export const isTypeScript = (path: string): boolean => /\.[cm]?tsx?$/.test(path);

/** How the command is called so that it reads TypeScript, on every system. */
export function commandWithTsx(cwd: string): string {
  return `node --import tsx ${relative(cwd, MAIN)}`;
}

/**
 * Loads what a user's module exports, by name or all of it as its default: `machines` and `workload`, and whatever
 * else `simulate` takes.
 *
 * @throws UsageError that says what is missing or is not what it should be; an Error when the module itself throws.
 */
export async function loadModule(path: string, cwd: string): Promise<SimulationOptions> {
  const absolute = resolve(cwd, path);
  if (!existsSync(absolute)) throw new UsageError(`there is no ${path}`);
  return optionsOf(path, await importModule(path, absolute, cwd));
}

async function importModule(path: string, absolute: string, cwd: string): Promise<Record<string, unknown>> {
  try {
    const module = (await import(pathToFileURL(absolute).href)) as Record<string, unknown>;
    const whole = module['default'];
    return module['machines'] === undefined && isRecord(whole) ? whole : module;
  } catch (error) {
    const code = isRecord(error) ? error['code'] : undefined;
    const needsHelp = TYPESCRIPT_ERRORS.has(code) || (error instanceof SyntaxError && isTypeScript(path));
    if (!needsHelp) throw new Error(`${path} could not be loaded: ${messageOf(error)}`, { cause: error });
    throw new UsageError(
      `this Node (${process.version}) does not read ${path}, or what it imports: TypeScript, and decorators in it, ` +
        `need tsx (\`npm install --save-dev tsx\`): ${commandWithTsx(cwd)} simulate ${path}`,
      { cause: error },
    );
  }
}

function optionsOf(path: string, exported: Record<string, unknown>): SimulationOptions {
  const { checks, faults, machines, settings, workload } = exported;
  const must = (isRight: boolean, what: string): void => {
    if (!isRight) throw new UsageError(`${path} must export ${what}`);
  };
  const areMachines =
    isRecord(machines) && Object.keys(machines).length > 0 && areFunctions(Object.values(machines));
  must(
    areMachines,
    '`machines`: an object of functions, each of which makes a machine: { counter: () => new Counter() }',
  );
  must(typeof workload === 'function', '`workload`: a function, called again and again by every client');
  must(
    checks === undefined || (Array.isArray(checks) && areFunctions(checks)),
    '`checks` as an array of functions, or not at all',
  );
  must(
    faults === undefined || faults === 'none' || isRecord(faults),
    "`faults` as an object of weights or 'none', or not at all",
  );
  must(settings === undefined || isRecord(settings), '`settings` as an object, or not at all');
  for (const name of NUMBERS) {
    const value = exported[name];
    must(value === undefined || typeof value === 'number', `\`${name}\` as a number, or not at all`);
  }
  const known = ['machines', 'workload', 'checks', 'faults', 'settings', ...NUMBERS];
  return Object.fromEntries(
    known.flatMap((name) => (exported[name] === undefined ? [] : [[name, exported[name]]])),
  ) as unknown as SimulationOptions;
}

function areFunctions(values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'function');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
