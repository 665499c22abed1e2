import { plainMessage } from '@decoraft/base';
import {
  CONSISTENCIES,
  type Consistency,
  DecoraftError,
  encodeQuery,
  GROUP_METHOD,
  isConsistency,
  type Reply,
} from '@decoraft/protocol';
import { methodId } from '@decoraft/rpc';
import type { CallOptions } from './call-options.js';
import type { CallArguments } from './contracts.js';
import {
  argumentsOf,
  because,
  callGroup,
  errorIn,
  type GroupCaller,
  idsOf,
  isAbsent,
  type MachineCall,
  notHosted,
  resultOf,
  within,
  withNames,
} from './group-call.js';
import { type Attempt, retry, type RetryOutcome } from './retry.js';

const QUERY = methodId(GROUP_METHOD.query);
const NO_ARGUMENTS = new Uint8Array(0);
const NOTHING_SEEN = { cluster: 0, index: 0 };

/** What is asked of a machine, or of a node about itself: nothing of it reaches the log, and all may be repeated. */
export class Queries {
  readonly #caller: GroupCaller;

  constructor(caller: GroupCaller) {
    this.#caller = caller;
  }

  async query(call: MachineCall, options: CallOptions, consistency: Consistency): Promise<unknown> {
    if (!isConsistency(consistency)) {
      const words = `consistency is ${String(consistency)}: one of ${CONSISTENCIES.join(', ')}`;
      throw new DecoraftError('InvalidArgument', words);
    }
    const { seen } = this.#caller;
    const told = options.token === undefined ? NOTHING_SEEN : seen.read(options.token);
    const args = argumentsOf(this.#caller, call);
    const encode = (): Uint8Array =>
      encodeQuery({
        consistency,
        ...idsOf(call),
        cluster: seen.cluster || told.cluster,
        minIndex: Math.max(seen.value, told.index),
        args: args.bytes,
      });
    try {
      const reply = await retry(
        this.#caller.ports,
        options,
        (attempt) => this.#queryOnce(encode, args, consistency, attempt),
        (outcome) => endOfQuery(`${call.machine}.${call.name}`, options, outcome),
      );
      return resultOf(reply);
    } catch (thrown) {
      throw withNames(thrown, call);
    }
  }

  /** Asks one node, or whichever is connected, something about itself. */
  async askNode(
    address: string | undefined,
    method: number,
    what: string,
    options: CallOptions = {},
  ): Promise<Uint8Array> {
    const { nodes, ports, service } = this.#caller;
    return retry(
      ports,
      options,
      async ({ metadata, signal, timeoutMs }) => {
        const route = await (address === undefined ? nodes.toAny(signal) : nodes.to(address, signal));
        try {
          return await route.channel.call(service, method, NO_ARGUMENTS, { timeoutMs, signal, metadata });
        } catch (thrown) {
          throw address === undefined && isAbsent(thrown) ? notHosted(nodes, route.address, thrown) : thrown;
        }
      },
      (outcome) => endOfQuery(what, options, outcome),
    );
  }

  async #queryOnce(
    encode: () => Uint8Array,
    args: CallArguments,
    consistency: Consistency,
    attempt: Attempt,
  ): Promise<Reply> {
    const { nodes, seen } = this.#caller;
    // Whoever finds node after node behind turns to the leader, who is never behind itself.
    const wantsLeader = consistency === 'lease' || attempt.number >= 2;
    const route = await (wantsLeader ? nodes.toLeader(attempt.signal) : nodes.toAny(attempt.signal));
    let reply = await callGroup(this.#caller, route, QUERY, encode(), attempt);
    while (args.adapt(errorIn(reply))) reply = await callGroup(this.#caller, route, QUERY, encode(), attempt);
    seen.note(reply);
    nodes.noteLeader(reply.leaderAddress);
    return reply;
  }
}

function endOfQuery(what: string, options: CallOptions, outcome: RetryOutcome): DecoraftError {
  if (outcome.kind === 'refused') return outcome.lastError;
  const cause = outcome.lastError;
  if (cause?.code === 'Overloaded') {
    const words = `${what} found no room ${within(options)}: ${plainMessage(cause)}`;
    return new DecoraftError('Overloaded', words, { cause, data: cause.data });
  }
  const code = cause?.code === 'DeadlineExceeded' ? 'DeadlineExceeded' : 'Unavailable';
  return new DecoraftError(code, `${what} was not answered ${within(options)}${because(cause)}`, { cause });
}
