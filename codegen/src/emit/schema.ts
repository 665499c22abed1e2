import { compareText, InvariantViolation, stableHash, unreachable } from '@decoraft/base';
import type {
  Operation,
  OperationTable,
  ParameterSchema,
  Schema,
  ServiceMethod,
  ServiceTable,
} from '@decoraft/protocol';
import { idOf, isRetired } from '../lasting.js';
import type { MemberModel, NamedMachine, NamedService, ParameterModel } from '../model.js';
import type { Definitions, TypeModel } from '../type-model.js';
import { nameOfType } from '../type-name.js';

/** What a server checks calls to a machine against. */
export function tableOf(machine: NamedMachine): OperationTable {
  const schemas = new Schemas(machine.definitions);
  const operations = machine.members.map((member) => operationOf(member, schemas));
  const { declared } = machine.version;
  const version = declared.kind === 'given' && declared.version > 1 ? { version: declared.version } : {};
  return { format: 1, machine: machine.name, ...version, operations, types: schemas.types() };
}

/** What a server checks calls to a service against. */
export function serviceTableOf(service: NamedService): ServiceTable {
  const schemas = new Schemas(service.definitions);
  const methods = service.members.map((member) => methodOf(member, schemas));
  return { format: 1, service: service.name, methods, types: schemas.types() };
}

export function operationOf(member: MemberModel, schemas: Schemas): Operation {
  const kind = member.decorators[0]?.name ?? 'sub';
  if (kind === 'rpc') throw new InvariantViolation(`${member.name} is no operation of a machine`);
  return {
    id: idOf(member),
    name: member.name,
    kind,
    ...(isRetired(member) ? { retired: true } : {}),
    ...argumentsOf(member, schemas),
    result: schemas.of(member.result),
  };
}

export function methodOf(member: MemberModel, schemas: Schemas): ServiceMethod {
  const at = member.parameters.findIndex(({ isStream }) => isStream);
  const source = member.parameters[at];
  return {
    id: stableHash(member.name),
    name: member.name,
    kind: methodKindOf(member),
    ...argumentsOf(member, schemas),
    ...(source ? { source: { name: source.name, at, item: schemas.of(source.type) } } : {}),
    result: schemas.of(member.result),
  };
}

/** Which sides give a stream. */
export function methodKindOf({ isStream, parameters }: MemberModel): ServiceMethod['kind'] {
  if (!parameters.some((parameter) => parameter.isStream)) return isStream ? 'stream' : 'unary';
  return isStream ? 'bidirectional-stream' : 'client-stream';
}

/** The arguments that are values. */
function argumentsOf(member: MemberModel, schemas: Schemas): Pick<ServiceMethod, 'parameters' | 'rest'> {
  const values = member.parameters.filter(({ isRest, isStream }) => !isRest && !isStream);
  const rest = member.parameters.find(({ isRest }) => isRest);
  return {
    parameters: values.map((parameter) => parameterOf(parameter, schemas)),
    ...(rest ? { rest: parameterOf(rest, schemas) } : {}),
  };
}

function parameterOf({ name, type, isOptional }: ParameterModel, schemas: Schemas): ParameterSchema {
  return { name, schema: schemas.of(type), optional: isOptional };
}

/** What is no more than a primitive, or another name, needs no name in the table. */
const NAMELESS: ReadonlySet<string> = new Set<TypeModel['kind']>([
  'primitive',
  'literal',
  'template',
  'brand',
  'date',
  'bytes',
  'named',
  'unchecked',
]);

/** Makes schemas of types, and gathers what they refer to. */
export class Schemas {
  readonly #definitions: Definitions;
  /** The names in the table, by the keys of definitions. */
  readonly #names = new Map<string, string>();
  readonly #types = new Map<string, Schema>();

  readonly #ofUnsupported: (type: TypeModel & { readonly kind: 'unsupported' }) => Schema;

  /** @param ofUnsupported What is made of what the wire cannot carry: nothing, unless told. */
  constructor(
    definitions: Definitions,
    ofUnsupported: (type: TypeModel & { readonly kind: 'unsupported' }) => Schema = refuse,
  ) {
    this.#definitions = definitions;
    this.#ofUnsupported = ofUnsupported;
  }

  types(): Readonly<Record<string, Schema>> {
    return Object.fromEntries([...this.#types].toSorted(([left], [right]) => compareText(left, right)));
  }

  of(type: TypeModel): Schema {
    switch (type.kind) {
      case 'primitive':
        return { kind: type.name === 'undefined' ? 'void' : type.name };
      case 'date':
      case 'bytes':
        return { kind: type.kind };
      case 'literal':
      case 'enum-member':
        return { kind: 'literal', value: type.value };
      case 'template':
        return { kind: 'string' };
      case 'array':
      case 'set':
        return { kind: type.kind, element: this.of(type.element) };
      case 'tuple':
        return this.#tuple(type);
      case 'record':
        return { kind: 'record', value: this.of(type.value) };
      case 'map':
        return { kind: 'map', key: this.of(type.key), value: this.of(type.value) };
      case 'object': {
        const properties = type.properties.map(({ name, type: property, isOptional }) => ({
          name,
          schema: this.of(property),
          optional: isOptional,
        }));
        return { kind: 'object', properties };
      }
      case 'union':
        return unionOf(type.options.map((option) => this.of(option)));
      case 'named':
        return this.#named(type);
      case 'unchecked':
        return { kind: 'unknown' };
      case 'brand':
        return this.of(type.primitive);
      case 'unsupported':
        return this.#ofUnsupported(type);
      default:
        return unreachable(type);
    }
  }

  #tuple({ elements, rest }: TypeModel & { readonly kind: 'tuple' }): Schema {
    const positions = elements.map(({ type, isOptional }) => ({
      schema: this.of(type),
      optional: isOptional,
    }));
    return { kind: 'tuple', elements: positions, ...(rest ? { rest: this.of(rest.type) } : {}) };
  }

  #named(type: TypeModel & { readonly kind: 'named' }): Schema {
    const structure = this.#definitions.get(type.definition)?.structure ?? type;
    if (NAMELESS.has(structure.kind)) return this.of(structure);
    const known = this.#names.get(type.definition);
    if (known !== undefined) return { kind: 'reference', name: known };
    const name = this.#freeName(nameOfType(type, this.#definitions));
    this.#names.set(type.definition, name);
    this.#types.set(name, this.of(structure));
    return { kind: 'reference', name };
  }

  /** Two files may each have an `Item`. */
  #freeName(wanted: string): string {
    const taken = new Set(this.#names.values());
    let name = wanted;
    for (let number = 2; taken.has(name); number++) name = `${wanted}${number}`;
    return name;
  }
}

function refuse({ text }: TypeModel & { readonly kind: 'unsupported' }): Schema {
  throw new InvariantViolation(`no schema is made of ${text} before the checks pass`);
}

function unionOf(options: readonly Schema[]): Schema {
  return {
    kind: 'union',
    options: options.flatMap((option) => (option.kind === 'union' ? option.options : [option])),
  };
}
