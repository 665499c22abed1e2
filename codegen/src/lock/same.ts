import { operationText, type Schema, schemaText } from '@decoraft/protocol';
import type { LockedOperation } from './lock.js';

/** An operation with what it refers to. */
export type TypedOperation = LockedOperation & { readonly types: Readonly<Record<string, Schema>> };

/** Whether two operations take and give the same, under one name, in one way. */
export function isSameOperation(left: TypedOperation, right: TypedOperation): boolean {
  return left.name === right.name && left.isRetired === right.isRetired && isSameShape(left, right);
}

/** Whether two operations take and give the same in one way, whatever they are called. */
export function isSameShape(left: TypedOperation, right: TypedOperation): boolean {
  return left.kind === right.kind && shapeText(left) === shapeText(right);
}

function shapeText(operation: TypedOperation): string {
  const { source, types } = operation;
  return `${source ? schemaText(source.item, types) : ''} ${operationText(operation, types)}`;
}
