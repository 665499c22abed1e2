import type { Clock } from '@decoraft/base';
import { RpcError } from '../errors.js';
import { type Method, methodId, type Service, serviceId } from '../service.js';
import { checkInterceptors, intercepted, type ServerInterceptor } from './interceptors.js';
import { ServiceGate, type ServiceLimits } from './service-gate.js';

/** IDs that no service may have: of the master and of the configuration. */
const RESERVED_IDS = 2;

export interface ServiceOptions {
  /** Replaces the stable hash of the name: 32 bits, unsigned, from 2: 0 and 1 are the master's and the configuration's. */
  readonly id?: number | undefined;
  /** Beside those of the server and of each connection. */
  readonly limits?: ServiceLimits | undefined;
  /** Around the handlers of this service, inside of those of the server, the first of them outermost. */
  readonly interceptors?: readonly ServerInterceptor[] | undefined;
}

/** A service that is registered, for those who list them. */
export interface ServiceDescription {
  readonly name: string;
  readonly id: number;
  readonly methods: readonly MethodDescription[];
}

export interface MethodDescription {
  readonly name: string;
  readonly id: number;
  readonly kind: Method['kind'];
  /** What the method carries of itself, as it was given. */
  readonly description: unknown;
}

/** A method that can be called, and what to call it in a log. */
export interface RegisteredMethod {
  readonly method: Method;
  readonly fullName: string;
  /** The limits of its service, where it has any. */
  readonly gate: ServiceGate | undefined;
  /** Whether its handler, or what stands around it, may read bindings. */
  readonly readsBindings: boolean;
}

interface RegisteredService {
  readonly name: string;
  readonly id: number;
  readonly methods: ReadonlyMap<number, RegisteredMethod>;
}

/** The services of a server by the ID under which they are called. */
export class ServiceRegistry {
  readonly #interceptors: readonly ServerInterceptor[];
  readonly #clock: Clock;
  readonly #services = new Map<number, RegisteredService>();
  /** Names by the ID under which services were here that are no more. */
  readonly #gone = new Map<number, string>();

  /** @param interceptors Around the handlers of every service that is registered. */
  constructor(interceptors: readonly ServerInterceptor[], clock: Clock) {
    this.#interceptors = interceptors;
    this.#clock = clock;
  }

  /** @throws RpcError `InvalidArgument` when the name or an ID is taken, and for options that cannot be. */
  register(name: string, service: Service, options: ServiceOptions = {}): void {
    if (typeof name !== 'string' || name === '') {
      throw new RpcError('InvalidArgument', `${JSON.stringify(name)} is no name of a service`);
    }
    const { id = serviceId(name), interceptors = [], limits } = options;
    checkId(id, `service '${name}'`);
    if (id < RESERVED_IDS) {
      throw new RpcError('InvalidArgument', `the ID of service '${name}' is reserved: ${id}`);
    }
    checkInterceptors(interceptors, ` of service '${name}'`);
    for (const other of this.#services.values()) {
      if (other.name === name)
        throw new RpcError('InvalidArgument', `service '${name}' is registered already`);
      if (other.id === id) {
        throw new RpcError('InvalidArgument', `services '${other.name}' and '${name}' share the ID ${id}`);
      }
    }
    const gate = limits && new ServiceGate(name, limits, this.#clock);
    const all = [...this.#interceptors, ...interceptors];
    this.#services.set(id, { name, id, methods: methodsById(name, service, all, gate) });
    this.#gone.delete(id);
  }

  /** In the order in which they were registered. */
  list(): readonly ServiceDescription[] {
    return [...this.#services.values()].map(({ id, methods, name }) => ({
      name,
      id,
      methods: [...methods].map(([travelsAs, { method }]) => ({
        name: method.name,
        id: travelsAs,
        kind: method.kind,
        description: method.description,
      })),
    }));
  }

  /** Gives back the ID that is free now; undefined when there was no such service. */
  unregister(name: string): number | undefined {
    for (const { id, name: other } of this.#services.values()) {
      if (other !== name) continue;
      this.#services.delete(id);
      this.#gone.set(id, name);
      return id;
    }
    return undefined;
  }

  /**
   * @throws RpcError `Unimplemented` when there is no such method, or, with `data.isAbsent`, no such service;
   *   `Unavailable` when the service was here before: another server may have it still.
   */
  resolve(service: number, method: number): RegisteredMethod {
    const registered = this.#services.get(service);
    if (!registered) throw this.#absent(service);
    const found = registered.methods.get(method);
    if (found) return found;
    throw new RpcError('Unimplemented', `service '${registered.name}' has no method with the ID ${method}`);
  }

  #absent(service: number): RpcError {
    const name = this.#gone.get(service);
    return name === undefined
      ? new RpcError('Unimplemented', `no service has the ID ${service} here`, { data: { isAbsent: true } })
      : new RpcError('Unavailable', `service '${name}' is no longer registered here`);
  }
}

function methodsById(
  serviceName: string,
  service: Service,
  interceptors: readonly ServerInterceptor[],
  gate: ServiceGate | undefined,
): ReadonlyMap<number, RegisteredMethod> {
  const methods = new Map<number, RegisteredMethod>();
  for (const method of methodsOf(serviceName, service)) {
    const id = method.id ?? methodId(method.name);
    checkId(id, `method '${method.name}' of service '${serviceName}'`);
    const other = methods.get(id);
    if (other) {
      throw new RpcError(
        'InvalidArgument',
        `methods '${other.method.name}' and '${method.name}' of service '${serviceName}' share the ID ${id}`,
      );
    }
    methods.set(id, {
      method: intercepted(method, serviceName, interceptors),
      fullName: `${serviceName}.${method.name}`,
      gate,
      readsBindings: interceptors.length > 0 || !service.readsNoBindings,
    });
  }
  return methods;
}

/** For callers whose types were bypassed. */
function methodsOf(serviceName: string, service: unknown): Service['methods'] {
  const methods: unknown = typeof service === 'object' && service !== null && Reflect.get(service, 'methods');
  if (Array.isArray(methods)) return methods as Service['methods'];
  const words =
    typeof service === 'function' ? 'is a class or function: register an instance' : 'has no methods';
  throw new RpcError('InvalidArgument', `service '${serviceName}' ${words}`);
}

function checkId(id: number, owner: string): void {
  if (id >>> 0 !== id)
    throw new RpcError('InvalidArgument', `the ID of ${owner} is no 32-bit integer: ${id}`);
}
