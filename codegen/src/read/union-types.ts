import { compareText } from '@decoraft/base';
import type { Type, TypeNode } from 'ts-morph';
import type { TypeModel } from '../type-model.js';
import { nameOfType } from '../type-name.js';
import { unionOf } from '../union-model.js';
import { joinEnumMembers } from './enum-types.js';
import type { TypeContext } from './type-context.js';
import { optionNodes } from './written-type.js';

/**
 * As written, where it is. Elsewhere in an order of its own, because the compiler's depends on what it happened
 * to meet first.
 */
export function readUnion(context: TypeContext, type: Type, written: TypeNode | undefined): TypeModel {
  const nodes = optionNodes(written);
  if (nodes.length > 0) return unionOf(nodes.map((node) => context.read(node.getType(), node)));
  const aliased = readNullableAlias(context, type);
  if (aliased) return aliased;
  const options = type.getUnionTypes().map((option) => context.read(option, undefined));
  const whole = joinEnumMembers(context, joinBooleans(options));
  return unionOf(whole.toSorted((left, right) => compareOptions(context, left, right)));
}

/** What a lookup in a Map gives: `Shape | undefined`, whose alias the compiler keeps only without the `undefined`. */
function readNullableAlias(context: TypeContext, type: Type): TypeModel | undefined {
  const bare = type.getNonNullableType();
  const alias = bare.compilerType === type.compilerType ? undefined : bare.getAliasSymbol();
  if (!alias || context.library.has(alias)) return undefined;
  const nullish = type.getUnionTypes().filter((option) => option.isNull() || option.isUndefined());
  const others = nullish.map((option) => context.read(option, undefined));
  const sorted = others.toSorted((left, right) => compareOptions(context, left, right));
  return unionOf([context.read(bare, undefined), ...sorted]);
}

function joinBooleans(options: readonly TypeModel[]): readonly TypeModel[] {
  const others = options.filter((option) => option.kind !== 'literal' || typeof option.value !== 'boolean');
  const isWhole = others.length === options.length - 2;
  return isWhole ? [...others, { kind: 'primitive', name: 'boolean' }] : options;
}

function compareOptions(context: TypeContext, left: TypeModel, right: TypeModel): number {
  const numbers = [left, right].map((type) => (type.kind === 'literal' ? type.value : undefined));
  const [one, other] = numbers;
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  const byRank = rankOf(left) - rankOf(right);
  return byRank || compareText(nameOfType(left, context.definitions), nameOfType(right, context.definitions));
}

/** `null` and `undefined` stand behind, as people write them. */
function rankOf(type: TypeModel): number {
  if (type.kind !== 'primitive') return 0;
  return ['null', 'undefined', 'void'].indexOf(type.name) + 1;
}
