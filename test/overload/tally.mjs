/**
 * A machine that remembers the numbers it was given, by whom: enough to see that each was taken once. Plain JavaScript,
 * so that node and client processes start without a build of their own.
 */
import { stableHash } from '@decoraft/base';
import { cmd, defineOperations, qry, StateMachine } from 'decoraft';

export class Tally extends StateMachine {
  numbers = new Map();
  twice = 0;
  /** Of the last padding: something has to be stored. */
  last = '';

  /** @returns How many of this client were taken. */
  add(client, number, padding) {
    const taken = this.numbers.get(client) ?? new Set();
    if (taken.has(number)) this.twice += 1;
    taken.add(number);
    this.numbers.set(client, taken);
    this.last = padding;
    return taken.size;
  }

  /** Which of these numbers of a client are missing, and how many were taken twice, of anybody. */
  missing(client, numbers) {
    const taken = this.numbers.get(client) ?? new Set();
    return { missing: numbers.filter((number) => !taken.has(number)), twice: this.twice };
  }

  /** An answer of so many characters: what a slow reader asks for. */
  text(length) {
    return 'x'.repeat(length);
  }
}

const OPERATIONS = {
  add: ['cmd', ['client', 'string'], ['number', 'number'], ['padding', 'string']],
  missing: ['qry', ['client', 'string'], ['numbers', 'unknown']],
  text: ['qry', ['length', 'number']],
};

for (const [name, [kind]] of Object.entries(OPERATIONS)) {
  const tag = kind === 'cmd' ? cmd : qry;
  tag(Tally.prototype, name, Object.getOwnPropertyDescriptor(Tally.prototype, name));
}

defineOperations(Tally, {
  format: 1,
  machine: 'Tally',
  types: {},
  operations: Object.entries(OPERATIONS).map(([name, [kind, ...parameters]]) => ({
    id: stableHash(name),
    name,
    kind,
    parameters: parameters.map(([parameter, type]) => ({
      name: parameter,
      schema: { kind: type },
      optional: false,
    })),
    result: { kind: 'unknown' },
  })),
});

/** A call of it, as a generated client would make it. */
export function callOf(name, ...args) {
  return { machine: 'tally', operation: stableHash(name), name, args };
}
