import { plainMessage, stableHash } from '@decoraft/base';
import {
  checkArguments,
  DecoraftError,
  type Operation,
  type OperationId,
  type TimerId,
} from '@decoraft/protocol';
import type { ValueCodec } from './codec.js';
import type { TimersOfMachine } from './machine.js';
import type { RegisteredMachine } from './registration.js';
import type { Timers } from './timers.js';

/** What a machine's commands reach of the group's timers: their own. Checks what types can be made to miss. */
export class MachineTimers implements TimersOfMachine {
  readonly #machine: RegisteredMachine;
  readonly #timers: Timers;
  readonly #codec: ValueCodec;

  constructor(machine: RegisteredMachine, timers: Timers, codec: ValueCodec) {
    this.#machine = machine;
    this.#timers = timers;
    this.#codec = codec;
  }

  schedule(nowMs: number, delayMs: number, method: string, args: readonly unknown[]): TimerId {
    if (!Number.isFinite(delayMs) || delayMs < 0) {
      throw new DecoraftError('InvalidArgument', `a timer cannot be due in ${String(delayMs)} ms`);
    }
    const { id: machine, name, types } = this.#machine;
    const operation = this.#commandOf(method);
    const where = `${name}.${method}`;
    checkArguments(operation, types, args, where);
    const encoded = this.#encode(args, where);
    const id = operation.id as OperationId;
    return this.#timers.add({ machine, dueMs: nowMs + delayMs, operation: id, args: encoded });
  }

  cancel(id: TimerId): boolean {
    return this.#timers.cancel(this.#machine.id, id);
  }

  #commandOf(method: unknown): Operation {
    const { name, operations } = this.#machine;
    const operation = typeof method === 'string' ? operations.get(stableHash(method)) : undefined;
    if (operation?.kind === 'cmd' && operation.name === method) return operation;
    throw new DecoraftError('InvalidArgument', `machine ${name} has no @cmd ${String(method)} to schedule`);
  }

  #encode(args: readonly unknown[], where: string): Uint8Array {
    try {
      return this.#codec.encode(args);
    } catch (cause) {
      const words = `what ${where} is scheduled with is no data: ${plainMessage(cause)}`;
      throw new DecoraftError('InvalidArgument', words, { cause });
    }
  }
}
