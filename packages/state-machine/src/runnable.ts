import {
  argumentDifferences,
  argumentsText,
  DecoraftError,
  describeDifference,
  describeOperation,
  type Operation,
} from '@decoraft/protocol';
import type { AgreedTable } from './agreement.js';
import { type Stage, stageFor } from './stages.js';

/**
 * The class that runs a machine as the group has agreed on it. A server that has none must not go on: it would become
 * something else than the others.
 *
 * @param stages Of the machine here; `undefined` where it is not registered.
 * @throws DecoraftError `SchemaMismatch` that says what the log holds, what this build has, and what to do.
 */
export function runnableStage<Item extends Stage>(
  stages: readonly Item[] | undefined,
  table: AgreedTable,
): Item {
  const { name, version } = table.agreed;
  const holds = `the log holds machine ${name} at version ${version}`;
  const newest = stages?.at(-1);
  if (!stages || !newest) {
    throw mismatch(`${holds}, and this build does not register it: start one that does`);
  }
  const stage = stageFor(stages, version);
  const own = newest.instance.constructor.name;
  if (!stage && version > newest.version) {
    const remedy = `start a build with version ${version} of ${own}`;
    throw mismatch(`${holds}, and this build has ${own} at version ${newest.version}: ${remedy}`);
  }
  if (!stage) {
    const remedy = `keep the class of version ${version} and give it in previous()`;
    throw mismatch(`${holds}, and this build has ${own} from version ${stages[0]?.oldest} on: ${remedy}`);
  }
  for (const operation of table.operations.values()) {
    const lack = lackOf(stage, table, operation);
    if (lack === undefined) continue;
    const remedy = `start the build that the others run, or a later one, or raise the version of ${own}`;
    throw mismatch(`${holds} with @${operation.kind} ${describeOperation(operation)}, ${lack}: ${remedy}`);
  }
  return stage;
}

/** What of an operation in the log a class cannot run. Queries are in no log. */
function lackOf(stage: Stage, table: AgreedTable, operation: Operation): string | undefined {
  if (operation.kind === 'qry') return undefined;
  const own = stage.operations.get(operation.id);
  const { name } = stage.instance.constructor;
  if (!own) return `which ${name} of this build does not have`;
  if (own.kind !== operation.kind) return `which is a @${own.kind} in ${name} of this build`;
  if (argumentsText(operation, table.types) === argumentsText(own, stage.types)) return undefined;
  const [difference] = argumentDifferences(
    { operation, types: table.types },
    { operation: own, types: stage.types },
    {
      older: 'in the log',
      newer: 'in this build',
    },
  );
  return difference && `which ${name} of this build does not take: ${describeDifference(difference)}`;
}

function mismatch(words: string): DecoraftError {
  return new DecoraftError('SchemaMismatch', words);
}
