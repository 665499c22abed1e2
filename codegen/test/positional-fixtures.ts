import * as protocol from '@decoraft/protocol';
import type { ArgumentsDecoder, ArgumentsEncoder, Operation, OperationTable } from '@decoraft/protocol';
import type { RandomOperation } from '../../packages/protocol/test/support/random-values.js';
import { claims, expectedOf } from './fixtures.js';
import { type Emitted, evaluate } from './positional.js';

/** An operation of a fixture, with what stands there for its arguments. */
export interface CommittedCodec {
  readonly one: RandomOperation;
  readonly emitted: Emitted;
}

/** What a generated client gives to its runtime for each of its methods. */
type Calls = Map<string, ArgumentsEncoder | undefined>;

/** Runs what all fixtures expect, and gives what travels by position. */
export function committedCodecs(): readonly CommittedCodec[] {
  return claims.flatMap((claim) => {
    const files = Object.entries(expectedOf(claim));
    return files.flatMap(([name, text]) => {
      const client = files.find(([other]) => other === name.replace('.operations.ts', '.client.ts'));
      return name.endsWith('.operations.ts') && client ? codecsOf(text, client[1]) : [];
    });
  });
}

function codecsOf(operationsText: string, clientText: string): readonly CommittedCodec[] {
  const { decoders, operations, types } = definedBy(operationsText);
  const encoders = calledBy(clientText, operations);
  return operations.flatMap((operation) => {
    const decoder = decoders[operation.name];
    const encode = encoders.get(operation.name);
    // What is retired is only read.
    const isCalled = encoders.has(operation.name);
    const travels = protocol.travelsByPosition(operation, types);
    if (travels !== (decoder !== undefined) || (isCalled && travels !== (encode !== undefined)))
      throw new Error(`${operation.name} has no encoder or decoder, or one too many`);
    return decoder && encode ? [{ one: { operation, types }, emitted: { decoder, encode } }] : [];
  });
}

interface Defined {
  readonly operations: readonly Pick<Operation, 'name' | 'parameters' | 'rest'>[];
  readonly types: OperationTable['types'];
  readonly decoders: Readonly<Record<string, ArgumentsDecoder>>;
}

function definedBy(text: string): Defined {
  let table: Pick<Defined, 'operations' | 'types'> | undefined;
  let decoders: Defined['decoders'] = {};
  runModule(text, {
    defineOperations: (_: unknown, defined: OperationTable) => {
      table = defined;
    },
    defineService: (_: unknown, defined: protocol.ServiceTable) => {
      table = { operations: defined.methods, types: defined.types };
    },
    defineDecoders: (_: unknown, defined: Defined['decoders']) => {
      decoders = defined;
    },
  });
  if (!table) throw new Error(`nothing is defined in ${text}`);
  return { ...table, decoders };
}

function calledBy(text: string, operations: Defined['operations']): Calls {
  const calls: Calls = new Map();
  const note = (_: number, name: string, ...more: readonly unknown[]): void => {
    const encode = more.find((each) => typeof each === 'function');
    calls.set(name, encode as ArgumentsEncoder | undefined);
  };
  class Client {
    readonly command = note;
    readonly query = note;
    readonly subscribe = note;
    readonly unary = note;
    readonly serverStream = note;
    readonly clientStream = note;
    readonly bidirectionalStream = note;
  }
  const exported = runModule(text, { MachineClient: Client, ServiceClient: Client });
  const Generated = Object.values(exported).find(
    (value) => typeof value === 'function' && value.prototype instanceof Client,
  ) as new () => Readonly<Record<string, (() => void) | undefined>>;
  const client = new Generated();
  for (const { name } of operations) client[name]?.();
  return calls;
}

/** @param given What it imports, where that is not what the protocol has. */
function runModule(
  text: string,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const names = { ...protocol, errorGuard: () => undefined, ...given };
  const exported: Record<string, unknown> = {};
  evaluate(text, { exports: exported, require: () => names });
  return exported;
}
