import { describe, expect, it } from 'vitest';
import { defineOperations, derived, Replica, StateMachine } from '../src/index.js';
import { jsonCodec, tableOf } from './fixtures.js';

type MachineClass = new () => StateMachine;

function register(machine: MachineClass): void {
  defineOperations(machine, tableOf('Things', {}));
  new Replica(jsonCodec).register('things', new machine());
}

/** Classes from their text, as an engine without our compiler before it would see them. */
function written(body: string, head = 'class Things extends StateMachine'): MachineClass {
  const helpers = `const [_hidden, _Things_hidden] = [new WeakMap(), new WeakMap()];
    const _Things_instances = new WeakSet();
    const [__privateAdd, _classPrivateFieldInitSpec, _class_private_field_init] = Array(3).fill(
      (instance, store, value) => (store.add ?? store.set).call(store, instance, value));`;
  // A text is what is under test: it has to be run.
  // oxlint-disable-next-line no-implied-eval, no-new-func, typescript/no-implied-eval
  return new Function('StateMachine', `${helpers} return ${head} {${body}};`)(StateMachine) as MachineClass;
}

const refused = (machine: MachineClass, field = '#hidden') =>
  expect(() => register(machine)).toThrow(
    `InvalidArgument: Things.${field} would be in no snapshot: write \`private ${field.slice(1)}\``,
  );

describe('a field that nobody but its class can see is refused when the machine is registered', () => {
  it('by its class and name', () => {
    class Things extends StateMachine {
      readonly #hidden = new Map<string, string>();
      get size(): number {
        return this.#hidden.size;
      }
    }
    refused(Things);
  });

  it('in a class above', () => {
    const base = written('#hidden = 1');
    class Things extends base {}
    refused(Things);
  });

  it.each<[string, string]>([
    ['without a value', '#hidden; other = 1'],
    ['before the end', 'other = 1; #hidden'],
    ['behind a method', 'act() { return { a: [1] }; } #hidden = 1'],
    ['behind a text with braces', `other = '{{' + "}\\"}" + 1; #hidden = 1`],
    [
      'behind a template',
      'other = `{ ${`}${[1].map((x) => `{${x}}`)}`.replace(/[}`]/, "")} #no = 1`; #hidden = 1',
    ],
    ['behind a regular expression', String.raw`other = 'a'.replace(/[/"{]\/{/g, ''); #hidden = 1`],
    ['behind a division', 'other = (6) / 2 / 1; #hidden = 1'],
    ['behind comments', '/* { " */ // {`\n #hidden = 1'],
    ['behind a computed name', '["a" + "}"] = 1; #hidden = 1'],
    ['with a name of another alphabet', '#hidden = 1; other = "ä"'],
    ['as TypeScript writes it', 'constructor() { super(); _Things_hidden.set(this, new Map()); }'],
    ['as esbuild writes it', 'constructor() { super(); __privateAdd(this, _hidden, new Map()); }'],
    ['as Babel writes it', 'constructor() { super(); _classPrivateFieldInitSpec(this, _hidden, 1); }'],
    [
      'as swc writes it',
      'constructor() { super(); _class_private_field_init(this, _hidden, { value: 1 }); }',
    ],
  ])('%s', (_, body) => {
    refused(written(body));
  });

  it('of a class that extends what is computed', () => {
    refused(written('#hidden = 1', 'class Things extends ((base, { a }) => base)(StateMachine, { a: {} })'));
  });
});

describe('what is no state of an instance, or is seen otherwise, may be private', () => {
  it.each<[string, string]>([
    ['methods', '#helper() { return 1; } act() { return this.#helper(); }'],
    ['asynchronous methods and generators', 'async #wait() {} *#list() {} async *#stream() {}'],
    ['accessors', 'get #size() { return 1; } set #size(value) {} other = this.#size'],
    ['what is static', 'static #count = 0; static { Things.#count; }'],
    ['asking for one', '#helper() {} isOwn = #helper in this'],
    [
      'names in texts',
      'a = "#hidden = 1"; b = `#hidden = 1`; c = /#hidden/.test("#hidden"); /* #hidden = 1 */',
    ],
    ['names of other classes', 'act() { return new (class { #hidden = 1; })(); }'],
    ['what esbuild makes of methods', 'constructor() { super(); __privateAdd(this, _Things_instances); }'],
    ['what TypeScript makes of methods', 'constructor() { super(); _Things_instances.add(this); }'],
  ])('%s', (_, body) => {
    expect(() => register(written(body))).not.toThrow();
  });

  it('the fields of a class with a snapshot of its own', () => {
    const own = '#hidden = 1; snapshot() { return this.#hidden; } restore(state) { this.#hidden = state; }';
    expect(() => register(written(own))).not.toThrow();
  });

  it('a field that is derived', () => {
    class Things extends written('#hidden = 1; restored() {}') {}
    derived(Things.prototype, '#hidden');
    expect(() => register(Things)).not.toThrow();
  });
});
