import { stableHash } from '@decoraft/base';
import type { OperationId } from '@decoraft/protocol';
import { defineOperations } from '@decoraft/state-machine';
import { Ledger } from './ledger.js';

const STRING = { kind: 'string' } as const;
const NUMBER = { kind: 'number' } as const;
const OPTIONAL_STRING = { kind: 'union', options: [STRING, { kind: 'void' }] } as const;

const COMMAND = { name: 'command', schema: STRING, optional: false } as const;
const KEY = { name: 'key', schema: STRING, optional: false } as const;
const TEXT = { name: 'text', schema: STRING, optional: false } as const;
const COUNTER = { name: 'counter', schema: STRING, optional: false } as const;

/** As the generator makes them of names. */
export const operationId = (name: string): OperationId => stableHash(name) as OperationId;

/** By hand: what the generator writes imports the façade, which stands beside this package. */
defineOperations(Ledger, {
  format: 1,
  machine: 'Ledger',
  operations: [
    {
      id: operationId('onText'),
      name: 'onText',
      kind: 'sub',
      parameters: [KEY],
      result: {
        kind: 'object',
        properties: [{ name: 'index', schema: NUMBER, optional: false }, COMMAND],
      },
    },
    {
      id: operationId('set'),
      name: 'set',
      kind: 'cmd',
      parameters: [COMMAND, KEY, TEXT],
      result: OPTIONAL_STRING,
    },
    {
      id: operationId('compareAndSet'),
      name: 'compareAndSet',
      kind: 'cmd',
      parameters: [COMMAND, KEY, { name: 'expected', schema: OPTIONAL_STRING, optional: false }, TEXT],
      result: { kind: 'boolean' },
    },
    {
      id: operationId('add'),
      name: 'add',
      kind: 'cmd',
      parameters: [COMMAND, COUNTER, { name: 'amount', schema: NUMBER, optional: false }],
      result: NUMBER,
    },
    { id: operationId('text'), name: 'text', kind: 'qry', parameters: [KEY], result: OPTIONAL_STRING },
    { id: operationId('count'), name: 'count', kind: 'qry', parameters: [COUNTER], result: NUMBER },
  ],
  types: {},
});
