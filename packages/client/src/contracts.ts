import {
  type ArgumentsEncoder,
  callDifferences,
  type ClientTable,
  type Contract,
  DecoraftError,
  describeDifference,
  describeOperation,
  type SchemaDifference,
  withContract,
} from '@decoraft/protocol';
import { encodeValue } from '@decoraft/rpc';

/** What is called: where, by which contract, and with what. */
export interface ContractedCall {
  /** The name of the machine or service. */
  readonly target: string;
  /** What the caller was generated from; callers without one take what comes. */
  readonly contract: Contract | undefined;
  /** What the generator emitted for the operation's arguments. */
  readonly encode?: ArgumentsEncoder | undefined;
  readonly args: readonly unknown[];
}

/** The differences that a message names. */
const NAMED_DIFFERENCES = 3;

const tables = new WeakMap<ClientTable, ReadonlyMap<number, Contract>>();

/** What a client was generated from, by the ids of operations. */
export function contractIn(table: ClientTable | undefined, operation: number): Contract | undefined {
  if (!table) return undefined;
  const known = tables.get(table) ?? contractsOf(table);
  tables.set(table, known);
  return known.get(operation);
}

function contractsOf({ operations, types }: ClientTable): ReadonlyMap<number, Contract> {
  return new Map(
    operations.map((operation) => [operation.id, { hash: operation.contract, operation, types }]),
  );
}

/**
 * By which contracts the nodes are called. That is the caller's own, until a node refuses it with its own one: where
 * calls of the one fit the other, the caller goes over to that of the node, and else the call fails. A call is
 * never done by a contract that nobody has compared: whoever calls by one that a node does not have (any more) is
 * refused, before anything is logged, and compares again.
 */
export class Contracts {
  /** By the caller's own, and the name of what is called: those of nodes that fit. */
  readonly #agreed = new WeakMap<Contract, Map<string, number>>();

  /** The arguments of a call, with the contract by which they are meant. */
  encode({ args, contract, encode, target }: ContractedCall): Uint8Array {
    if (!contract) return encode?.(args) ?? encodeValue(args);
    const other = this.#agreed.get(contract)?.get(target);
    // By the node's contract, positions may mean something else. What does not fit its types goes as MessagePack as well,
    // for the node to say what is wrong with it.
    const encoded = (other === undefined ? encode?.(args) : undefined) ?? encodeValue(args);
    return withContract(other ?? contract.hash, encoded);
  }

  /** A call was refused. @returns Whether it fits what the node has: then it is to be encoded anew, and called again. */
  learn({ contract, target }: ContractedCall, refusal: unknown): boolean {
    const other = refusingContract(refusal);
    if (!contract || !other || comparison(contract, other)?.differences.length !== 0) return false;
    const agreed = this.#agreed.get(contract) ?? new Map<string, number>();
    this.#agreed.set(contract, agreed.set(target, other.hash));
    return true;
  }
}

/** How often one call may go over to another contract: while nodes go from one version to the next, they may differ. */
const ADAPTIONS_MAX = 3;

/** The arguments of one call, over all its tries. */
export class CallArguments {
  readonly #contracts: Contracts;
  readonly #call: ContractedCall;
  #bytes: Uint8Array;
  #adaptions = 0;

  constructor(contracts: Contracts, call: ContractedCall) {
    this.#contracts = contracts;
    this.#call = call;
    this.#bytes = contracts.encode(call);
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** @returns Whether the call is to be made again with what the bytes are now. */
  adapt(refusal: unknown): boolean {
    if (this.#adaptions >= ADAPTIONS_MAX || !this.#contracts.learn(this.#call, refusal)) return false;
    this.#adaptions++;
    this.#bytes = this.#contracts.encode(this.#call);
    return true;
  }
}

/** A refusal in the caller's words: both sides, and where they differ. Anything else stays as it is. */
export function explained(
  error: DecoraftError,
  { contract, target }: Omit<ContractedCall, 'args'>,
): DecoraftError {
  const other = refusingContract(error);
  const compared = contract && other && comparison(contract, other);
  if (!compared) return error;
  const { client, differences, node } = compared;
  const words = `${target}.${contract.operation.name}: the client was generated from ${client}, the node has ${node}`;
  return new DecoraftError('SchemaMismatch', `${words}: ${reasonOf(differences)}`, {
    cause: error,
    data: { client, node, differences },
  });
}

/** Both sides in words, and where they differ; `undefined` for what this build cannot read: then they do not fit. */
function comparison(contract: Contract, other: Contract) {
  try {
    return {
      client: describeOperation(contract.operation),
      node: describeOperation(other.operation),
      differences: callDifferences(contract, other),
    };
  } catch {
    return undefined;
  }
}

function reasonOf(differences: readonly SchemaDifference[]): string {
  if (differences.length === 0)
    return 'these fit, which was not known when it was called; it was not done, call again';
  const named = differences.slice(0, NAMED_DIFFERENCES).map(describeDifference);
  const more = differences.length > named.length ? [`${differences.length - named.length} more`] : [];
  return [...named, ...more].join('; ');
}

/** The contract of the node, where it says that the caller has another one. */
function refusingContract(thrown: unknown): Contract | undefined {
  if (!(thrown instanceof DecoraftError) || thrown.code !== 'SchemaMismatch') return undefined;
  const { data } = thrown;
  if (typeof data !== 'object' || data === null || !('contract' in data)) return undefined;
  return data.contract as Contract;
}
