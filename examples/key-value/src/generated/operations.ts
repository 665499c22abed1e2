import { defineOperations } from 'decoraft';
import { KeyValue } from '../key-value.machine.js';
defineOperations(KeyValue, {
  format: 1,
  machine: 'KeyValue',
  operations: [
    {
      id: 2594095023,
      name: 'set',
      kind: 'cmd',
      parameters: [
        {
          name: 'key',
          schema: {
            kind: 'string',
          },
          optional: false,
        },
        {
          name: 'value',
          schema: {
            kind: 'string',
          },
          optional: false,
        },
      ],
      result: {
        kind: 'unknown',
      },
    },
    {
      id: 2460719322,
      name: 'get',
      kind: 'qry',
      parameters: [
        {
          name: 'key',
          schema: {
            kind: 'string',
          },
          optional: false,
        },
      ],
      result: {
        kind: 'unknown',
      },
    },
    {
      id: 1868026602,
      name: 'size',
      kind: 'qry',
      parameters: [],
      result: {
        kind: 'unknown',
      },
    },
    {
      id: 3575624026,
      name: 'onInserted',
      kind: 'sub',
      parameters: [],
      result: {
        kind: 'unknown',
      },
    },
    {
      id: 2630008502,
      name: 'onKeyInserted',
      kind: 'sub',
      parameters: [
        {
          name: 'key',
          schema: {
            kind: 'string',
          },
          optional: false,
        },
      ],
      result: {
        kind: 'unknown',
      },
    },
  ],
  types: {},
});
