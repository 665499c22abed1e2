import { DecoraftError, machineId } from '@decoraft/protocol';
import type { MethodDescription, ServiceDescription } from '@decoraft/rpc/server';
import { rpc, RpcService } from '@decoraft/service';
import { operationsOf, type StateMachine } from '@decoraft/state-machine';
import type { ProcedureDescription } from '../methods.js';
import type {
  Reflected,
  ReflectedMachine,
  ReflectedMethod,
  ReflectedName,
  ReflectedService,
} from './reflected.js';

/** A machine, where it is hosted. */
export interface HostedMachine {
  readonly name: string;
  readonly group: string;
  readonly machine: StateMachine;
}

export interface ReflectionOptions {
  /** What is registered now. */
  readonly services: () => readonly ServiceDescription[];
  /** None when left out. */
  readonly machines?: () => readonly HostedMachine[];
}

/** What is registered on a server, with what it takes and gives: for tools that have no generated code. */
export class Reflection extends RpcService {
  readonly #options: ReflectionOptions;

  constructor(options: ReflectionOptions) {
    super();
    this.#options = options;
  }

  override get readsNoBindings(): boolean {
    return true;
  }

  /** All services and machines of this server, as they were registered. */
  @rpc list(): readonly ReflectedName[] {
    return this.#all().map((reflected) =>
      reflected.kind === 'service'
        ? { ...nameOf(reflected), members: reflected.methods.map(({ name }) => name) }
        : {
            ...nameOf(reflected),
            group: reflected.group,
            members: reflected.operations.map(({ name }) => name),
          },
    );
  }

  /**
   * What is registered under a name: a service, machines of that name in several groups, or both.
   *
   * @throws DecoraftError `NotFound` where there is nothing of that name.
   */
  @rpc describe(name: string): readonly Reflected[] {
    const found = this.#all().filter((reflected) => reflected.name === name);
    if (found.length > 0) return found;
    throw new DecoraftError('NotFound', `nothing is registered here as ${JSON.stringify(name)}`);
  }

  #all(): readonly Reflected[] {
    const { machines, services } = this.#options;
    return [...services().map(reflectService), ...(machines?.() ?? []).map(reflectMachine)];
  }
}

function nameOf({ id, kind, name }: Reflected): Pick<ReflectedName, 'id' | 'kind' | 'name'> {
  return { kind, name, id };
}

function reflectService({ id, methods, name }: ServiceDescription): ReflectedService {
  const [table] = methods.flatMap((method) => procedureOf(method)?.table ?? []);
  return {
    kind: 'service',
    name,
    id,
    ...(table ? { className: table.service } : {}),
    methods: methods.map(reflectMethod),
    types: table?.types ?? {},
  };
}

function reflectMethod(description: MethodDescription): ReflectedMethod {
  const { id, kind, name } = description;
  const procedure = procedureOf(description);
  if (!procedure) return { name, id, kind };
  const { parameters, rest, result, source } = procedure.method;
  const signature = { parameters, ...(rest ? { rest } : {}), ...(source ? { source } : {}), result };
  return { name, id, kind, signature };
}

/** What `RpcService` wrote there; other services may have put there whatever they like. */
function procedureOf({ description }: MethodDescription): ProcedureDescription | undefined {
  const isProcedure =
    typeof description === 'object' &&
    description !== null &&
    'table' in description &&
    'method' in description;
  return isProcedure ? (description as ProcedureDescription) : undefined;
}

function reflectMachine({ group, machine, name }: HostedMachine): ReflectedMachine {
  const { machine: className, operations, types } = operationsOf(machine);
  return { kind: 'machine', name, id: machineId(name), group, className, operations, types };
}
