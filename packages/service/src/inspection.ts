import { DecoraftError, type ServiceTable } from '@decoraft/protocol';
import { type Tag, tagsOf } from '@decoraft/state-machine';
import type { RpcService } from './rpc-service.js';
import { tableOf } from './service-tables.js';

/**
 * Checks a service before it may serve: every mistake that types and generator can be made to miss is found here, when
 * it is registered, and named by class and member.
 *
 * @returns What the generator read from its class.
 * @throws DecoraftError `InvalidArgument`
 */
export function inspectService(service: RpcService): ServiceTable {
  const className = service.constructor.name;
  const tags = tagsOf(service).flat();
  for (const tag of tags) checkMember(className, tag, service);
  const table = tableOf(service);
  refuseStaleTable(className, new Set(tags.map(({ member }) => member)), table);
  return table;
}

function checkMember(className: string, { kind, member }: Tag, service: RpcService): void {
  if (kind !== 'rpc') {
    throw mistake(className, member, `is decorated with @${kind}, which is for machines: a service has @rpc`);
  }
  const value: unknown = Reflect.get(service, member);
  if (typeof value !== 'function') throw mistake(className, member, 'is decorated with @rpc but no method');
  if (value.constructor.name === 'GeneratorFunction') {
    throw mistake(className, member, 'is a generator that cannot wait: write `async *` for a stream');
  }
}

function refuseStaleTable(className: string, decorated: ReadonlySet<string>, table: ServiceTable): void {
  const generated = new Set(table.methods.map(({ name }) => name));
  for (const member of decorated) {
    if (generated.has(member)) continue;
    const words = 'is @rpc here but not in the generated table: run `decoraft generate`';
    throw mistake(className, member, words);
  }
  for (const name of generated) {
    if (decorated.has(name)) continue;
    throw mistake(className, name, 'is in the generated table but not decorated: run `decoraft generate`');
  }
}

function mistake(className: string, member: string, what: string): DecoraftError {
  return new DecoraftError('InvalidArgument', `${className}.${member} ${what}`);
}
