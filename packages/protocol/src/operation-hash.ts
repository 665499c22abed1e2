import { stableHash } from '@decoraft/base';
import type { Operation } from './schema.js';
import { argumentsText, resultText } from './schema-text.js';
import type { Types } from './types.js';

/**
 * 32 bits that stand for the shape of an operation's arguments. Whoever knows it knows how they are written by position;
 * properties and the options of unions in canonical order (`canonicalOptions`).
 */
export function argumentsHash(operation: Pick<Operation, 'parameters' | 'rest'>, types: Types): number {
  return stableHash(argumentsText(operation, types));
}

/** 32 bits that stand for the shape of what an operation gives. */
export function resultHash(operation: Pick<Operation, 'result'>, types: Types): number {
  return stableHash(resultText(operation, types));
}
