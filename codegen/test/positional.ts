import {
  type ArgumentsDecoder,
  argumentsDecoder,
  type ArgumentsEncoder,
  argumentsEncoder,
  argumentsEncoderWithRest,
  read,
  write,
} from '@decoraft/protocol';
import { ts } from 'ts-morph';
import type { RandomOperation } from '../../packages/protocol/test/support/random-values.js';
import { Imports } from '../src/emit/imports.js';
import { printLayout } from '../src/emit/layout.js';
import { PositionalReaders } from '../src/emit/positional-readers.js';
import { PositionalWriters } from '../src/emit/positional-writers.js';

/** What is emitted for one operation, running. */
export interface Emitted {
  readonly encode: ArgumentsEncoder;
  readonly decoder: ArgumentsDecoder;
}

/** Emits encoder and decoder for each of some operations, and runs what was emitted; `undefined` where there is none. */
export function runEmitted(operations: readonly RandomOperation[]): readonly (Emitted | undefined)[] {
  return operations.map(({ operation, types }) => {
    const imports = new Imports([]);
    const writers = new PositionalWriters(types, imports, 'client', new Set());
    const encoder = writers.encoderOf(operation);
    if (encoder === undefined) return undefined;
    const readers = new PositionalReaders(types, imports, 'server');
    const text = printLayout([writers.emit(), readers.emit('Owner', [operation])]);
    const defined: { decoders: Readonly<Record<string, ArgumentsDecoder>> } = { decoders: {} };
    const encode = evaluate(`${text}\nreturn ${encoder};`, {
      argumentsDecoder,
      argumentsEncoder,
      argumentsEncoderWithRest,
      read,
      write,
      Owner: undefined,
      defineDecoders: (_: unknown, decoders: Readonly<Record<string, ArgumentsDecoder>>) => {
        defined.decoders = decoders;
      },
    });
    const decoder = defined.decoders[operation.name];
    if (!decoder) throw new Error(`no decoder in ${text}`);
    return { encode: encode as ArgumentsEncoder, decoder };
  });
}

/** Runs emitted text as the body of a function. */
export function evaluate(text: string, scope: Readonly<Record<string, unknown>>): unknown {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
  });
  // Generated text is what is under test: it has to be run.
  // oxlint-disable-next-line no-implied-eval, no-new-func, typescript/no-implied-eval
  const run = new Function(...Object.keys(scope), outputText) as (...values: readonly unknown[]) => unknown;
  return run(...Object.values(scope));
}
