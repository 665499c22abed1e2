import { checkArguments, type OperationTable } from '@decoraft/protocol';
import { describe, expect, test } from 'vitest';
import { runFixtures } from './fixtures.js';

const { outcomes } = runFixtures([
  'a_default_before_a_required_parameter_takes_undefined',
  'discriminated_unions',
  'enums',
  'literals',
  'maps_and_sets',
  'optional_parameters_stay_optional',
  'records_and_index_signatures',
  'recursive_types_refer_to_themselves',
  'rest_parameters_are_spread',
  'tuples',
]);

/** What a node gets when it imports the generated file. */
function tableOf(claim: string): OperationTable {
  const text = outcomes.get(claim)?.['expected.operations.ts'] ?? '';
  const defined = text.slice(text.indexOf('defineOperations('));
  const literal = defined.slice(defined.indexOf(', {') + 2, defined.indexOf('\n});') + 2);
  // Generated text is what is under test: it has to be run.
  // oxlint-disable-next-line no-implied-eval, no-new-func, typescript/no-implied-eval
  return new Function(`return ${literal}`)() as OperationTable;
}

function call(claim: string, name: string, args: readonly unknown[]): string {
  const table = tableOf(claim);
  const operation = table.operations.find((one) => one.name === name);
  if (!operation) throw new Error(`${claim} has no ${name}`);
  try {
    checkArguments(operation, table.types, args, name);
    return 'accepted';
  } catch (error) {
    return (error as Error).message.replace('InvalidArgument: ', '');
  }
}

describe('a server that checks calls with a generated table', () => {
  test.each<[claim: string, name: string, args: readonly unknown[]]>([
    ['optional_parameters_stay_optional', 'find', ['a']],
    ['optional_parameters_stay_optional', 'find', ['a', undefined, undefined]],
    ['optional_parameters_stay_optional', 'find', ['a', 1, 'up']],
    ['optional_parameters_stay_optional', 'add', [null]],
    ['a_default_before_a_required_parameter_takes_undefined', 'find', [undefined, 1]],
    ['rest_parameters_are_spread', 'append', []],
    ['rest_parameters_are_spread', 'tag', [1, undefined, 'a', 2]],
    [
      'recursive_types_refer_to_themselves',
      'plant',
      [{ value: '', children: [{ value: '', children: [] }] }, []],
    ],
    [
      'recursive_types_refer_to_themselves',
      'plant',
      [{ value: '', children: [] }, { a: [1, null, { b: true }] }],
    ],
    ['enums', 'mix', [5, 'large', 'one', 17]],
    ['literals', 'level', ['low', -3, true, -1n]],
    ['literals', 'quoted', ['line\nbreak']],
    ['discriminated_unions', 'area', [{ kind: 'square', side: 1 }]],
    ['discriminated_unions', 'same', [null]],
    ['maps_and_sets', 'all', [new Map(), new Map([[1, new Set(['a'])]]), new Set(['z']), new Map()]],
    ['tuples', 'all', [['', 1], [''], ['', undefined], [new Date(0), 'a', 1], [true, false]]],
  ])('takes a call that the types allow: %s, %s %#', (claim, name, args) => {
    expect(call(claim, name, args)).toBe('accepted');
  });

  test.each<[claim: string, name: string, args: readonly unknown[], message: string]>([
    ['optional_parameters_stay_optional', 'find', [], 'argument 1 (prefix) must be a string, got nothing'],
    ['optional_parameters_stay_optional', 'find', ['a', 1, 'left'], 'argument 3 (order) must be'],
    ['optional_parameters_stay_optional', 'find', ['a', 1, 'up', 2], 'takes 3 argument(s), got 4'],
    ['rest_parameters_are_spread', 'append', ['a', 1], 'argument 2 (lines) must be a string'],
    [
      'recursive_types_refer_to_themselves',
      'plant',
      [{ value: '', children: [{ value: 1, children: [] }] }, null],
      '(tree.children[0].value) must be a string',
    ],
    ['recursive_types_refer_to_themselves', 'plant', [{ value: '', children: [] }, 1n], '(json) must be'],
    ['enums', 'mix', [4], 'argument 1 (color) must be'],
    ['enums', 'mix', [0, 'medium'], 'argument 2 (size) must be'],
    ['literals', 'level', ['low', 1, false, 10n], 'argument 3 (c) must be true'],
    [
      'discriminated_unions',
      'area',
      [{ kind: 'circle', side: 1 }],
      'argument 1 (shape.radius) must be a number',
    ],
    ['records_and_index_signatures', 'all', [{ a: 'b' }], '(a["a"]) must be a number'],
    ['tuples', 'all', [['', 1, 2]], 'a tuple of at most 2'],
  ])('refuses one that they do not: %s, %s %#', (claim, name, args, message) => {
    expect(call(claim, name, args)).toContain(message);
  });
});
