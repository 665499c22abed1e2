import { stableHash, unreachable } from '@decoraft/base';
import type { MemberModel, NamedService } from '../model.js';
import { emitClientTable, TABLE_NAME } from './client-table.js';
import { emitDocumentation } from './documentation.js';
import { header } from './header.js';
import { Imports } from './imports.js';
import { hardLine, indent, type Layout, list, printLayout } from './layout.js';
import { propertyName, quote } from './literal.js';
import { PositionalWriters } from './positional-writers.js';
import { methodKindOf, serviceTableOf } from './schema.js';
import { emitParameters, emitSignature } from './signature.js';
import { type ClientOptions, emitClassDocumentation, SourceLinks } from './source-links.js';
import { relativePath } from './specifiers.js';
import { TypeText } from './type-text.js';

/** The names that a client takes from the runtime. */
interface Runtime {
  readonly callOptions: string;
  readonly clientTable: string;
  readonly serviceClient: string;
  readonly serviceHost: string;
  readonly serviceName: string;
}

/**
 * The class by which clients call a service.
 *
 * @param path The file that is written, absolute.
 */
export function emitServiceClient(service: NamedService, path: string, { hasLinks }: ClientOptions): string {
  const className = `${service.name}Client`;
  const imports = new Imports([className, TABLE_NAME]);
  const { client } = service.runtime;
  const runtime: Runtime = {
    callOptions: imports.type(client, 'CallOptions'),
    clientTable: imports.type(client, 'ClientTable'),
    serviceClient: imports.value(client, 'ServiceClient'),
    serviceHost: imports.type(client, 'ServiceHost'),
    serviceName: imports.type(client, 'ServiceName'),
  };
  const types = new TypeText(service.definitions, imports, path);
  const links = hasLinks ? new SourceLinks(service, imports, path) : undefined;
  const { methods: tableMethods, types: schemas } = serviceTableOf(service);
  const avoided = new Set(service.members.flatMap(({ parameters }) => parameters.map(({ name }) => name)));
  const writers = new PositionalWriters(schemas, imports, client, avoided);
  const methods = service.members.flatMap((member) => {
    const method = tableMethods.find(({ name }) => name === member.name);
    const encoder = method && writers.encoderOf(method);
    const documentation = emitDocumentation(member.documentation, links?.toMember(member.name));
    return [hardLine, hardLine, documentation, emitMethod(member, types, encoder)];
  });
  const functions = writers.emit();
  const body = [hardLine, emitConstructor(className, runtime), methods];
  const table = emitClientTable(service, runtime.clientTable);
  return printLayout([
    [header(relativePath(path, service.sourcePath)), hardLine],
    [imports.emit(), hardLine],
    emitClassDocumentation(service, links),
    [
      `export class ${className} extends ${runtime.serviceClient} {`,
      indent(body),
      hardLine,
      '}',
      hardLine,
      hardLine,
    ],
    table,
    functions,
  ]);
}

function emitConstructor(className: string, { callOptions, serviceHost, serviceName }: Runtime): Layout {
  const comment = [
    ['/**', hardLine],
    [
      ' * @param host Where to call: a cluster from `connect`, or one node of it, `cluster.node(address)`.',
      hardLine,
    ],
    [' * @param name The name under which the service is registered.', hardLine],
    [' * @param options For every call made through this object.', hardLine],
    [' */', hardLine],
  ];
  const create = `return new ${className}(this.host, this.serviceName, { ...this.options, ...options });`;
  return [
    comment,
    [`constructor(host: ${serviceHost}, name: ${serviceName}, options?: ${callOptions}) {`],
    [indent(hardLine, `super(host, name, options, ${TABLE_NAME});`), hardLine, '}', hardLine, hardLine],
    ['/** The same client with other options for its calls. */', hardLine],
    [`with(options: ${callOptions}): ${className} {`, indent(hardLine, create), hardLine, '}'],
  ];
}

function emitMethod(member: MemberModel, types: TypeText, encoder: string | undefined): Layout {
  const parameters = emitParameters(member.parameters, types);
  const result = types.emitReference(member.isStream ? 'AsyncIterable' : 'Promise', [member.result]);
  return [
    [emitSignature(propertyName(member.name), parameters, result), ' {'],
    [indent(hardLine, emitRequest(member, encoder)), hardLine, '}'],
  ];
}

/** `return this.unary(id, 'name', [arguments]);`, with the caller's stream behind them where there is one. */
function emitRequest(member: MemberModel, encoder: string | undefined): Layout {
  const values = member.parameters.filter(({ isStream }) => !isStream);
  const source = member.parameters.find(({ isStream }) => isStream);
  const args = list(
    '[',
    values.map(({ name, isRest }) => (isRest ? `...${name}` : name)),
    ']',
  );
  const first = [String(stableHash(member.name)), quote(member.name)];
  const more = [source?.name, encoder].filter((each) => each !== undefined);
  const call =
    more.length === 0 ? ['(', first.join(', '), ', ', args, ')'] : list('(', [...first, args, ...more], ')');
  return [`return this.${verbOf(member)}`, call, ';'];
}

function verbOf(member: MemberModel): string {
  const kind = methodKindOf(member);
  switch (kind) {
    case 'unary':
      return 'unary';
    case 'stream':
      return 'serverStream';
    case 'client-stream':
      return 'clientStream';
    case 'bidirectional-stream':
      return 'bidirectionalStream';
    default:
      return unreachable(kind);
  }
}
