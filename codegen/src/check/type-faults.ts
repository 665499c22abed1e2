import type { ProblemCode } from '../problem.js';
import type { TypeFault } from '../type-model.js';

interface FaultWords {
  readonly code: ProblemCode;
  /** What is wrong; `text` is how the compiler calls the type. */
  readonly describe: (text: string) => string;
  readonly remedy: string;
}

/** What a person is told of a type that cannot be an argument, a result or the value of an event. */
export const TYPE_FAULTS: Readonly<Record<TypeFault, FaultWords>> = {
  any: {
    code: 'type-any',
    describe: () => 'is `any`, which nobody could check',
    remedy:
      "Write the type of the data, where it may be one of several a union of them; or mark it: `Unchecked`, imported from 'decoraft'.",
  },
  unknown: {
    code: 'type-unknown',
    describe: () => 'is `unknown`, which nobody could check',
    remedy:
      "Write the type of the data, where it may be one of several a union of them; or mark it: `Unchecked`, imported from 'decoraft'.",
  },
  never: {
    code: 'type-never',
    describe: () => 'is `never`: no value has that type',
    remedy: 'Write the type of the data, or `void` where there is none.',
  },
  unresolved: {
    code: 'type-unresolved',
    describe: (text) =>
      text === 'any' ? 'has a type that cannot be resolved' : `names ${text}, which cannot be resolved`,
    remedy: 'Make the file compile: check the import, its path and the name, and install what is missing.',
  },
  function: {
    code: 'type-function',
    describe: () => 'is a function, which cannot be sent',
    remedy: 'Send data that says what to do. To tell clients of something, declare an event with @sub.',
  },
  symbol: {
    code: 'type-symbol',
    describe: () => 'is or has a key that is a symbol, which means nothing in another process',
    remedy: 'Use a string, or an enum of strings.',
  },
  class: {
    code: 'type-class',
    describe: (text) => `is an instance of class ${text}: it would arrive without its class`,
    remedy: 'Write an interface with the fields that matter, and build the instance where it is used.',
  },
  promise: {
    code: 'type-promise',
    describe: () => 'is a promise, which cannot be sent',
    remedy: 'Wait for it before the call, and pass what it gives.',
  },
  library: {
    code: 'type-library',
    describe: (text) => `is of type ${text}, which the wire does not carry`,
    remedy:
      'Carried are primitives, bigint, Date, Uint8Array, Map, Set, arrays and plain objects: write it as one of these.',
  },
  'type-parameter': {
    code: 'type-parameter',
    describe: (text) => `depends on the type parameter in ${text}, which is open`,
    remedy: 'Close it in the class that is registered: `class Users extends Store<User>`.',
  },
  'empty-object': {
    code: 'type-empty-object',
    describe: (text) => `is \`${text}\`, which names no property to check`,
    remedy: 'Name the properties; for free keys write `Record<string, …>`.',
  },
  'mixed-index': {
    code: 'type-mixed-index',
    describe: () => 'has named properties and free keys side by side',
    remedy:
      'Put the free keys into a property of their own: `{ name: string; more: Record<string, string> }`.',
  },
  'tuple-rest': {
    code: 'type-tuple-rest',
    describe: () => 'is a tuple with elements behind its rest',
    remedy: 'Put the rest last, or write an object.',
  },
  'too-deep': {
    code: 'type-too-deep',
    describe: () => 'is built from itself with ever new type arguments, without an end',
    remedy: 'Let the type refer to itself with the same type arguments.',
  },
};
