import type { ParameterModel } from '../model.js';
import type { TypeModel } from '../type-model.js';
import {
  group,
  hardLine,
  ifBroken,
  indent,
  join,
  type Layout,
  line,
  printLayout,
  softLine,
} from './layout.js';
import type { TypeText } from './type-text.js';

/** A list of parameters in its brackets. */
export interface Parameters {
  readonly count: number;
  /** No group of its own: parameters break together with what they return. */
  readonly layout: Layout;
}

/**
 * `name(parameters): result`, broken at the parameters where it is too long. A single parameter stays on the line
 * of an object that has to be broken anyway.
 */
export function emitSignature(name: string, { count, layout }: Parameters, result: Layout): Layout {
  const apart = [name, group(layout), ': ', result];
  return count === 1 && breaksObject(apart, result) ? apart : [name, group(layout, ': ', result)];
}

/** Whether the object in `result` does not fit behind what stands before it, in a class. */
function breaksObject([name, parameters]: readonly Layout[], result: Layout): boolean {
  const mark = ':\0';
  const text = printLayout(indent(hardLine, [name ?? '', parameters ?? '', mark, result, ' {']));
  return text.split(mark)[1]?.includes('{\n') ?? false;
}

export function emitParameters(parameters: readonly ParameterModel[], types: TypeText): Parameters {
  const [only, ...others] = parameters;
  // An object that is the only parameter breaks within the brackets, not below them.
  if (only && others.length === 0 && !only.isRest && !only.isStream && types.isObject(only.type)) {
    const mark = only.isOptional ? '?: ' : ': ';
    return { count: 1, layout: ['(', only.name, mark, types.emitOpenObject(only.type), ')'] };
  }
  const items = parameters.map((parameter) => emitParameter(parameter, types));
  return parameterList(items, parameters.some(({ isRest }) => isRest) ? 'with rest' : undefined);
}

export function parameterList(items: readonly Layout[], rest?: 'with rest'): Parameters {
  if (items.length === 0) return { count: 0, layout: '()' };
  const comma = rest ? [] : ifBroken(',');
  const layout = ['(', indent(softLine, join([',', line], items)), comma, softLine, ')'];
  return { count: items.length, layout };
}

export function emitParameter(
  { name, type, isOptional, isRest, isStream }: ParameterModel,
  types: TypeText,
): Layout {
  if (isStream) return [name, ': ', types.emitReference('AsyncIterable', [type])];
  if (isRest) return ['...', name, ': ', types.emit({ kind: 'array', element: type, isReadonly: false })];
  return [name, isOptional ? '?: ' : ': ', types.emit(type)];
}

/** The type of a function that takes the value of an event. */
export function emitListener(value: TypeModel, types: TypeText): Layout {
  const { layout } = types.isObject(value)
    ? { layout: ['(value: ', types.emitOpenObject(value), ')'] }
    : parameterList([['value: ', types.emit(value)]]);
  return group(layout, ' => void');
}
