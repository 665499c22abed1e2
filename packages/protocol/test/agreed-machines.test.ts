import { describe, expect, test } from 'vitest';
import { type OperationTable, readTable, type Schema, tableText } from '../src/index.js';

const tableWith = (schema: Schema, types: OperationTable['types'] = {}): OperationTable => ({
  format: 1,
  machine: 'Ledger',
  types,
  operations: [
    {
      id: 7,
      name: 'add',
      kind: 'cmd',
      parameters: [{ name: 'amount', schema, optional: false }],
      result: { kind: 'void' },
    },
  ],
});

describe('the text of a table', () => {
  test.each<Schema>([
    { kind: 'literal', value: 12n },
    { kind: 'literal', value: -(2n ** 80n) },
    { kind: 'literal', value: Infinity },
    { kind: 'literal', value: 'bigint' },
    { kind: 'literal', value: false },
    {
      kind: 'union',
      options: [
        { kind: 'literal', value: 1n },
        { kind: 'map', key: { kind: 'string' }, value: { kind: 'bytes' } },
      ],
    },
    { kind: 'tuple', elements: [{ schema: { kind: 'date' }, optional: true }], rest: { kind: 'unknown' } },
    { kind: 'object', properties: [{ name: 'bigint', schema: { kind: 'string' }, optional: true }] },
    { kind: 'reference', name: 'bigint' },
  ])('comes back as it was: $kind $value', (schema) => {
    const table = tableWith(schema, {
      bigint: { kind: 'string' },
      number: { kind: 'array', element: schema },
    });
    expect(readTable(tableText(table), 'ledger')).toEqual(table);
  });

  test('is the same in whatever order its properties and operations were written down', () => {
    const { operations, types } = tableWith({ kind: 'string' });
    const second = { ...operations.at(0)!, id: 3, name: 'take' };
    const one: OperationTable = { format: 1, machine: 'Ledger', types, operations: [...operations, second] };
    const other: OperationTable = {
      types,
      operations: [second, ...operations],
      machine: 'Ledger',
      format: 1,
    };
    expect(tableText(other)).toBe(tableText(one));
  });

  test.each([
    ['no JSON', 'nonsense'],
    ['a format that came later', JSON.stringify({ ...tableWith({ kind: 'null' }), format: 2 })],
    [
      'a schema that came later',
      tableText(tableWith({ kind: 'set', element: { kind: 'decimal' } as never })),
    ],
    [
      'a named type that came later',
      tableText(tableWith({ kind: 'null' }, { T: { kind: 'decimal' } as never })),
    ],
  ])('is refused: %s', (_what, text) => {
    expect(() => readTable(text, 'ledger')).toThrow(expect.objectContaining({ code: 'SchemaMismatch' }));
  });
});
