import { plainMessage } from '@decoraft/base';
import {
  type ArgumentsEncoder,
  type Contract,
  DecoraftError,
  decodeReply,
  machineId,
  type OperationId,
  type Outcome,
  type Reply,
} from '@decoraft/protocol';
import { decodeValue } from '@decoraft/rpc';
import { type CallOptions, DEFAULT_TIMEOUT_MS } from './call-options.js';
import { CallArguments, type Contracts, explained } from './contracts.js';
import type { Nodes, Route } from './nodes.js';
import { type Attempt, isBusy, isTransient, leaderHint, type RetryPorts } from './retry.js';
import type { SeenIndex } from './seen-index.js';

/** A call to an operation of a machine, as a generated client makes it. */
export interface MachineCall {
  /** The name under which the machine is registered. */
  readonly machine: string;
  /** The operation's stable id, and its name for messages. */
  readonly operation: number;
  readonly name: string;
  readonly args: readonly unknown[];
  /** What the caller was generated from. */
  readonly contract?: Contract | undefined;
  /** What the generator emitted for the operation's arguments; without it they travel as MessagePack. */
  readonly encode?: ArgumentsEncoder | undefined;
}

/** What commands, queries and events of one cluster connection share. */
export interface GroupCaller {
  readonly nodes: Nodes;
  /** The RPC service of the group. */
  readonly service: number;
  readonly ports: RetryPorts;
  readonly seen: SeenIndex;
  readonly contracts: Contracts;
}

/** The arguments of a call, as it is made by this caller. */
export function argumentsOf({ contracts }: GroupCaller, call: MachineCall): CallArguments {
  const { args, contract, encode, machine: target } = call;
  return new CallArguments(contracts, { target, contract, encode, args });
}

/**
 * The way of what only the leader can do. Who cannot reach the one that it takes for the leader asks another one, now and
 * then, to pass it on.
 *
 * @param failures How often the way to the leader has failed before.
 */
export async function routeOfProposal(nodes: Nodes, failures: number, signal?: AbortSignal): Promise<Route> {
  if (failures % 4 === 3) return nodes.toAny(signal);
  return nodes.connectedLeader ?? nodes.toLeader(signal);
}

/** One call of the group's service on one node; what goes wrong is noted for the next route. */
export async function callGroup(
  { nodes, service }: GroupCaller,
  route: Route,
  method: number,
  payload: Uint8Array,
  { metadata, signal, timeoutMs }: Attempt,
): Promise<Reply> {
  try {
    return decodeReply(await route.channel.call(service, method, payload, { timeoutMs, signal, metadata }));
  } catch (thrown) {
    if (isAbsent(thrown)) throw notHosted(nodes, route.address, thrown);
    if (isTransient(thrown) && !isBusy(thrown)) nodes.doubtLeader(route.address);
    if (DecoraftError.from(thrown).code === 'DeadlineExceeded') nodes.noteSilent(route.address);
    nodes.noteLeader(leaderHint(thrown));
    throw thrown;
  }
}

/** Whether the one who was asked has no such service: groups need not be on every node. */
export function isAbsent(thrown: unknown): boolean {
  const { code, data } = DecoraftError.from(thrown);
  return code === 'Unimplemented' && typeof data === 'object' && data !== null && 'isAbsent' in data;
}

/** What is thrown where {@link isAbsent} holds: others are asked, and this node not again for a while. */
export function notHosted(nodes: Nodes, address: string, cause: unknown): DecoraftError {
  nodes.doubtLeader(address);
  nodes.noteSilent(address);
  const data = { appended: false };
  return new DecoraftError('Unavailable', `${address} does not host the group`, { cause, data });
}

/** The ids by which replicas know a call's machine and operation. */
export function idsOf(call: MachineCall) {
  return { machine: machineId(call.machine), operation: call.operation as OperationId };
}

/** The value of a reply, or the error that it carries. */
export function resultOf({ index, outcome, term }: Reply): unknown {
  if (outcome.kind === 'value') return outcome.value.length === 0 ? undefined : decodeValue(outcome.value);
  throw errorOf(outcome, index, term);
}

/** The error that a reply carries. */
export function errorIn({ index, outcome, term }: Reply): DecoraftError | undefined {
  return outcome.kind === 'error' ? errorOf(outcome, index, term) : undefined;
}

function errorOf(outcome: Outcome & { readonly kind: 'error' }, index: number, term: number): DecoraftError {
  const details = outcome.data.length === 0 ? undefined : decodeValue(outcome.data);
  const data =
    typeof details === 'object' && details !== null ? { ...details, index, term } : { index, term };
  return new DecoraftError(outcome.code, outcome.message, { data });
}

/**
 * The same error, with the names of what was called: replicas that do not have it know its ids only. Where caller and
 * node have other contracts, it says what differs.
 */
export function withNames(thrown: unknown, call: MachineCall): unknown {
  if (!(thrown instanceof DecoraftError)) return thrown;
  const { contract, machine, name, operation } = call;
  if (thrown.code === 'SchemaMismatch') return explained(thrown, { contract, target: machine });
  const words = plainMessage(thrown);
  const named = words
    .replace(`machine has id ${machineId(machine)} `, () => `machine has the name ${machine} `)
    .replace(new RegExp(` with id ${operation}$`), () => ` with the name ${name}`);
  if (named === words) return thrown;
  return new DecoraftError(thrown.code, named, { cause: thrown.cause, data: thrown.data });
}

/** The limit of a call in words, for messages. */
export function within({ timeoutMs = DEFAULT_TIMEOUT_MS }: CallOptions): string {
  return `within ${Math.round(timeoutMs)} ms`;
}

/** What the last try ended with, for the message of a call that went on until its time was up. */
export function because(cause: DecoraftError | undefined): string {
  return cause ? ` (${plainMessage(cause)})` : '';
}
