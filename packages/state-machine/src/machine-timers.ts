import { plainMessage } from '@decoraft/base';
import {
  checkArguments,
  DecoraftError,
  type Operation,
  type OperationId,
  type TimerId,
} from '@decoraft/protocol';
import type { CallTable } from './agreement.js';
import type { ValueCodec } from './codec.js';
import type { TimersOfMachine } from './machine.js';
import type { RegisteredMachine } from './registration.js';
import type { Timers } from './timers.js';

/** What a machine's commands reach of the group's timers: their own. Checks what types can be made to miss. */
export class MachineTimers implements TimersOfMachine {
  readonly #machine: RegisteredMachine;
  readonly #timers: Timers;
  readonly #codec: ValueCodec;
  readonly #agreed: () => CallTable | undefined;

  /** @param agreed By what arguments are checked, as soon as the group has agreed on it. */
  constructor(
    machine: RegisteredMachine,
    timers: Timers,
    codec: ValueCodec,
    agreed: () => CallTable | undefined,
  ) {
    this.#machine = machine;
    this.#timers = timers;
    this.#codec = codec;
    this.#agreed = agreed;
  }

  schedule(nowMs: number, delayMs: number, method: string, args: readonly unknown[]): TimerId {
    if (!Number.isFinite(delayMs) || delayMs < 0) {
      throw new DecoraftError('InvalidArgument', `a timer cannot be due in ${String(delayMs)} ms`);
    }
    const { id: machine, name } = this.#machine;
    const table = this.#agreed() ?? this.#machine;
    const { id } = this.#commandOf(method);
    const operation = table.operations.get(id);
    if (!operation) throw notACommand(name, method);
    const where = `${name}.${operation.name}`;
    checkArguments(operation, table.types, args, where);
    const encoded = this.#encode(args, where);
    return this.#timers.add({ machine, dueMs: nowMs + delayMs, operation: id as OperationId, args: encoded });
  }

  cancel(id: TimerId): boolean {
    return this.#timers.cancel(this.#machine.id, id);
  }

  #commandOf(method: unknown): Operation {
    const { name, operations } = this.#machine;
    for (const operation of operations.values()) {
      if (operation.kind === 'cmd' && operation.name === method) return operation;
    }
    throw notACommand(name, method);
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

function notACommand(name: string, method: unknown): DecoraftError {
  return new DecoraftError('InvalidArgument', `machine ${name} has no @cmd ${String(method)} to schedule`);
}
