import type { ClassModel } from '../model.js';

/** Why a generated client cannot have a method of a name. */
export function whyReserved(kind: ClassModel['kind'], name: string): string | undefined {
  return kind === 'machine' ? whyOfMachine(name) : whyOfService(name);
}

function whyOfService(name: string): string | undefined {
  if (OF_SERVICE_CLIENT.has(name)) return 'every generated client has a member of that name';
  if (name === 'then') return 'a client with it would be taken for a promise';
  if (OF_SERVICE.has(name)) return 'every service has a member of that name';
  return OF_OBJECT.has(name) ? 'every object has a member of that name' : undefined;
}

function whyOfMachine(name: string): string | undefined {
  if (OF_CLIENT.has(name)) return 'every generated client has a member of that name';
  if (name === 'then') return 'a client with it would be taken for a promise';
  if (OF_SNAPSHOTS.has(name)) return 'snapshots call a method of that name';
  if (name === 'previous' || name === 'migrate') return 'a raised version calls a method of that name';
  if (name === 'sessionEnded') return 'the end of a session calls a method of that name';
  if (OF_MACHINE.has(name)) return 'every machine has a member of that name';
  return OF_OBJECT.has(name) ? 'every object has a member of that name' : undefined;
}

const OF_CLIENT: ReadonlySet<string> = new Set([
  'constructor',
  'with',
  'cluster',
  'machineName',
  'options',
  'command',
  'query',
  'subscribe',
]);

const OF_SERVICE_CLIENT: ReadonlySet<string> = new Set([
  'constructor',
  'with',
  'host',
  'serviceName',
  'options',
  'unary',
  'serverStream',
  'clientStream',
  'bidirectionalStream',
]);

const OF_SERVICE: ReadonlySet<string> = new Set(['methods', 'context', 'readsNoBindings']);

const OF_SNAPSHOTS: ReadonlySet<string> = new Set(['snapshot', 'restore', 'restored']);

/** A protected member of a base class takes its name away from every class below it. */
const OF_MACHINE: ReadonlySet<string> = new Set(['context', 'schedule', 'cancel']);

const OF_OBJECT: ReadonlySet<string> = new Set([
  'hasOwnProperty',
  'isPrototypeOf',
  'propertyIsEnumerable',
  'toLocaleString',
  'toString',
  'valueOf',
  'toJSON',
  '__proto__',
  '__defineGetter__',
  '__defineSetter__',
  '__lookupGetter__',
  '__lookupSetter__',
]);
