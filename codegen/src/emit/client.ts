import { InvariantViolation, unreachable } from '@decoraft/base';
import { idOf, isRetired } from '../lasting.js';
import type { MemberModel, NamedMachine, ParameterModel } from '../model.js';
import { emitClientTable, TABLE_NAME } from './client-table.js';
import { emitErrors, errorNamesOf } from './declared-errors.js';
import { emitDocumentation } from './documentation.js';
import { header } from './header.js';
import { Imports } from './imports.js';
import { hardLine, indent, type Layout, list, printLayout } from './layout.js';
import { propertyName, quote } from './literal.js';
import { PositionalWriters } from './positional-writers.js';
import { tableOf } from './schema.js';
import { emitListener, emitParameter, emitParameters, emitSignature, parameterList } from './signature.js';
import { type ClientOptions, emitClassDocumentation, SourceLinks } from './source-links.js';
import { relativePath } from './specifiers.js';
import { emitOptions, TypeText } from './type-text.js';

/** The names that a client takes from the runtime. */
interface Runtime {
  readonly callOptions: string;
  readonly clientTable: string;
  readonly cluster: string;
  readonly machineClient: string;
  readonly subscription: () => string;
  readonly unsubscribe: () => string;
}

/**
 * The class by which clients call a machine.
 *
 * @param path The file that is written, absolute.
 */
export function emitClient(machine: NamedMachine, path: string, { hasLinks }: ClientOptions): string {
  const className = `${machine.name}Client`;
  const members = machine.members.filter((member) => !isRetired(member));
  const errors = errorNamesOf(machine.name, members);
  const imports = new Imports([className, TABLE_NAME, ...(errors ? [errors.errors, errors.guard] : [])]);
  const { client } = machine.runtime;
  const runtime: Runtime = {
    callOptions: imports.type(client, 'CallOptions'),
    clientTable: imports.type(client, 'ClientTable'),
    cluster: imports.type(client, 'Cluster'),
    machineClient: imports.value(client, 'MachineClient'),
    subscription: () => imports.type(client, 'Subscription'),
    unsubscribe: () => imports.type(client, 'Unsubscribe'),
  };
  // The runtime's own names come first: it is the user's that give way.
  if (members.some((member) => kindOf(member) === 'sub')) {
    runtime.subscription();
    runtime.unsubscribe();
  }
  const types = new TypeText(machine.definitions, imports, path);
  const links = hasLinks ? new SourceLinks(machine, imports, path) : undefined;
  const { operations, types: schemas } = tableOf(machine);
  const avoided = new Set(members.flatMap(({ parameters }) => parameters.map(({ name }) => name)));
  const writers = new PositionalWriters(schemas, imports, client, avoided);
  const methods = members.flatMap((member) => {
    const operation = operations.find(({ name }) => name === member.name);
    const encoder = operation && writers.encoderOf(operation);
    const link = links?.toMember(member.name);
    return [hardLine, hardLine, emitMember({ member, types, runtime, encoder, link })];
  });
  const functions = writers.emit();
  const body = [hardLine, emitConstructor(className, runtime), methods];
  const table = emitClientTable(machine, runtime.clientTable);
  const declared = errors ? emitErrors(errors, members, { imports, types, client }) : [];
  return printLayout([
    [header(relativePath(path, machine.sourcePath)), hardLine],
    [imports.emit(), hardLine],
    emitClassDocumentation(machine, links),
    [
      `export class ${className} extends ${runtime.machineClient} {`,
      indent(body),
      hardLine,
      '}',
      hardLine,
      hardLine,
    ],
    table,
    declared,
    functions,
  ]);
}

/** A method of the client. */
interface Method {
  readonly member: MemberModel;
  readonly types: TypeText;
  readonly runtime: Runtime;
  /** Of its arguments; `undefined` where they travel as MessagePack. */
  readonly encoder: string | undefined;
  /** To the member in the user's class. */
  readonly link: string | undefined;
}

function emitConstructor(className: string, { callOptions, cluster }: Runtime): Layout {
  const comment = [
    ['/**', hardLine],
    [' * @param cluster The cluster to call, from `connect`.', hardLine],
    [' * @param name The name under which the machine is registered.', hardLine],
    [' * @param options For every call made through this object.', hardLine],
    [' */', hardLine],
  ];
  const create = `return new ${className}(this.cluster, this.machineName, { ...this.options, ...options });`;
  return [
    comment,
    [`constructor(cluster: ${cluster}, name: string, options?: ${callOptions}) {`],
    [indent(hardLine, `super(cluster, name, options, ${TABLE_NAME});`), hardLine, '}', hardLine, hardLine],
    ['/** The same client with other options for its calls. */', hardLine],
    [`with(options: ${callOptions}): ${className} {`, indent(hardLine, create), hardLine, '}'],
  ];
}

function kindOf({ decorators }: MemberModel) {
  return decorators[0]?.name ?? 'sub';
}

function emitMember(method: Method): Layout {
  const { link, member } = method;
  const documentation = emitDocumentation(member.documentation, link);
  const kind = kindOf(member);
  switch (kind) {
    case 'cmd':
    case 'qry':
      return [documentation, emitCall(method, kind === 'cmd' ? 'command' : 'query')];
    case 'sub':
      return emitEvent(method, documentation);
    case 'rpc':
      throw new InvariantViolation(`${member.name} is no operation of a machine`);
    default:
      return unreachable(kind);
  }
}

function emitCall({ encoder, member, types }: Method, verb: 'command' | 'query'): Layout {
  const consistency = member.decorators[0]?.consistency;
  const declared = consistency?.kind === 'given' ? quote(consistency.value) : undefined;
  const more = verb === 'query' ? [declared, encoder] : [encoder];
  const parameters = emitParameters(member.parameters, types);
  const result = types.emitReference('Promise', [member.result]);
  return [
    [emitSignature(propertyName(member.name), parameters, result), ' {'],
    [indent(hardLine, emitRequest(member, verb, more)), hardLine, '}'],
  ];
}

/** Three signatures: a stream, a listener, and the one that serves both. Editors show the comment of the one that is called. */
function emitEvent({ encoder, member, types, runtime }: Method, documentation: Layout): Layout {
  const listener = freeName('listener', member.parameters);
  const subscription = types.emitReference(runtime.subscription(), [member.result]);
  const promise = `Promise<${runtime.unsubscribe()}>`;
  const listenerType = emitListener(member.result, types);
  const given = member.parameters.map((parameter) => emitParameter(parameter, types));
  const name = propertyName(member.name);
  const listening = (mark: ':' | '?:', result: Layout): Layout =>
    emitSignature(name, parameterList([...given, [`${listener}${mark} `, listenerType]]), result);
  return [
    [
      documentation,
      emitSignature(name, emitParameters(member.parameters, types), subscription),
      ';',
      hardLine,
    ],
    [documentation, listening(':', promise), ';', hardLine],
    listening('?:', emitOptions([subscription, promise])),
    [' {', indent(hardLine, emitRequest(member, 'subscribe', [listener, encoder])), hardLine, '}'],
  ];
}

/** `return this.command(id, 'name', [arguments], …);` */
function emitRequest(member: MemberModel, verb: string, optional: readonly (string | undefined)[]): Layout {
  // What is behind the last one that is given is left out.
  const count = optional.findLastIndex((each) => each !== undefined) + 1;
  const more = optional.slice(0, count).map((each) => each ?? 'undefined');
  const args = list(
    '[',
    member.parameters.map(({ name, isRest }) => (isRest ? `...${name}` : name)),
    ']',
  );
  const first = [String(idOf(member)), quote(member.name)];
  const call =
    more.length === 0 ? ['(', first.join(', '), ', ', args, ')'] : list('(', [...first, args, ...more], ')');
  return [`return this.${verb}`, call, ';'];
}

/** A name that no parameter has. */
function freeName(wanted: string, parameters: readonly ParameterModel[]): string {
  let name = wanted;
  for (let number = 2; parameters.some((parameter) => parameter.name === name); number++)
    name = `${wanted}${number}`;
  return name;
}
