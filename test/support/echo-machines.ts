import { stableHash } from '@decoraft/base';
import { generate, writeFiles } from '@decoraft/codegen';
import type { Operation, OperationTable } from '@decoraft/protocol';
import { operationsOf, type Tag, tagsOf } from '@decoraft/state-machine';
import { cmd, defineOperations, event, qry, StateMachine, sub } from 'decoraft';
import type { Cluster, MachineClient } from 'decoraft/client';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FIXTURES = join(ROOT, 'codegen/test/fixtures');

/** Whose sources run only under standard decorators: legacy ones have none in class expressions. */
const STANDARD_ONLY: ReadonlySet<string> = new Set(['mixins_may_be_class_expressions']);

/** A package of which fixtures take no more than types. */
const NOTHING_BUT_TYPES = '{ "name": "crm", "version": "1.0.0", "type": "module", "exports": "./index.js" }';

/** What is generated from the generator's fixtures, as modules that can be imported. */
export interface GeneratedFixtures {
  readonly machines: readonly GeneratedMachine[];
  readonly remove: () => void;
}

export interface GeneratedMachine {
  /** `claim/Class`. */
  readonly label: string;
  readonly table: OperationTable;
  /** What its members are decorated with, by name: of overrides, what all of them say. */
  readonly tags: ReadonlyMap<string, Tag>;
  readonly Client: new (cluster: Cluster, name: string) => MachineClient;
}

/** Generates from all sound fixtures, in a copy within the repository: what they import has to be found. */
export async function generateFixtures(): Promise<GeneratedFixtures> {
  const home = join(ROOT, '.decoraft-test');
  mkdirSync(home, { recursive: true });
  const root = mkdtempSync(join(home, 'round-trip-'));
  const remove = (): void => rmSync(root, { recursive: true, force: true });
  try {
    cpSync(FIXTURES, root, { recursive: true });
    mkdirSync(join(root, 'node_modules/crm'), { recursive: true });
    writeFileSync(join(root, 'node_modules/crm/package.json'), NOTHING_BUT_TYPES);
    writeFileSync(join(root, 'node_modules/crm/index.js'), '');
    const claims = readdirSync(root).filter(
      (name) => existsSync(join(root, name, 'input.ts')) && !STANDARD_ONLY.has(name),
    );
    const patternsOf = (names: readonly string[]) => names.map((name) => `${name}/input.ts`);
    const { problems } = generate({ cwd: root, patterns: patternsOf(claims) });
    const refused = new Set(problems.map(({ position }) => position?.file.split('/')[0]));
    const sound = generate({
      cwd: root,
      patterns: patternsOf(claims.filter((claim) => !refused.has(claim))),
    });
    writeFiles(sound);
    const machines = sound.classes.filter(({ kind }) => kind === 'machine');
    return { machines: await Promise.all(machines.map(load)), remove };
  } catch (error) {
    remove();
    throw error;
  }
}

async function load({
  name,
  sourcePath,
}: {
  readonly name: string;
  readonly sourcePath: string;
}): Promise<GeneratedMachine> {
  const directory = join(dirname(sourcePath), 'generated');
  const files = readdirSync(directory);
  for (const file of files.filter((each) => each.endsWith('.operations.ts'))) {
    await import(/* @vite-ignore */ join(directory, file));
  }
  const source = (await import(/* @vite-ignore */ sourcePath)) as Readonly<Record<string, unknown>>;
  const declared = Object.values(source).find(
    (value) => typeof value === 'function' && value.name === name,
  ) as new () => StateMachine;
  const instance = Object.create(declared.prototype as object) as StateMachine;
  const tags = new Map<string, Tag>();
  for (const tag of tagsOf(instance).toReversed().flat())
    tags.set(tag.member, { ...tags.get(tag.member), ...tag });
  for (const file of files.filter((each) => each.endsWith('.client.ts'))) {
    const module = (await import(/* @vite-ignore */ join(directory, file))) as Readonly<
      Record<string, unknown>
    >;
    const Client = module[`${name}Client`];
    if (Client) {
      const label = `${basename(dirname(sourcePath))}/${name}`;
      return {
        label,
        table: operationsOf(instance),
        tags,
        Client: Client as GeneratedMachine['Client'],
      };
    }
  }
  throw new Error(`no client of ${name} in ${directory}`);
}

/** Notes what it was called with, and gives what it is told to give. The same for a call that is run a second time. */
export interface Echo {
  readonly machine: StateMachine;
  /** What the last call got. */
  got: readonly unknown[] | undefined;
  /** What the next call gives. */
  gives: unknown;
}

/** The operation that has an echo machine tell an event: the arguments by which it is selected; the value is what it gives next. */
export const TELL = 'echoTell';

export const TELLING: Operation = {
  id: stableHash(TELL),
  name: TELL,
  kind: 'cmd',
  parameters: [
    { name: 'name', schema: { kind: 'string' }, optional: false },
    { name: 'args', schema: { kind: 'unknown' }, optional: false },
  ],
  result: { kind: 'void' },
};

/** Stands in for a machine: the same operations, and one more by which its events are told. */
export function echoOf({ table: given, tags }: GeneratedMachine): Echo {
  const { format, operations, types } = given;
  const table: OperationTable = { format, machine: given.machine, operations, types };
  class Echoing extends StateMachine {}
  const echo: Echo = { machine: undefined as never, got: undefined, gives: undefined };
  const call = (...args: unknown[]): unknown => {
    echo.got = args;
    return echo.gives;
  };
  const prototype = Echoing.prototype as unknown as Record<string, unknown>;
  for (const { kind, name } of table.operations) {
    const { was, retired } = tags.get(name) ?? {};
    const options = { ...(was === undefined ? {} : { was }), ...(retired === undefined ? {} : { retired }) };
    if (kind === 'sub') {
      sub(options)(prototype, name);
      continue;
    }
    prototype[name] = call;
    (kind === 'cmd' ? cmd : qry)(options)(prototype, name, { value: call });
  }
  prototype[TELL] = function tell(this: StateMachine, name: string, args: readonly unknown[]): void {
    const source = (
      this as unknown as Record<string, (...given: readonly unknown[]) => { notify(value: unknown): void }>
    )[name];
    source?.(...args).notify(echo.gives);
  };
  cmd(prototype, TELL, { value: prototype[TELL] as () => void });
  defineOperations(Echoing, { ...table, operations: [...table.operations, TELLING] });
  const machine = new Echoing();
  for (const { kind, name } of table.operations) {
    if (kind === 'sub') Object.assign(machine, { [name]: event<(...args: never[]) => unknown>() });
  }
  return Object.assign(echo, { machine });
}
