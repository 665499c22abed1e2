import type { ByteReader, ByteWriter } from '@decoraft/base';
import type { MachineId, OperationId, TimerId } from '@decoraft/protocol';
import type { MachineTimers, Timer } from '../timers.js';
import { check, readAscending, writeMany } from './many.js';

/** The id of a machine is written in 4 bytes. */
const MACHINES_LIMIT = 0xffff_ffff;

/** The timers of a group in its image: for each machine, the id of its next one and all that wait. */
export function writeTimers(writer: ByteWriter, timers: readonly MachineTimers[]): void {
  writeMany(writer, timers, (to, { machine, nextId, waiting }) => {
    to.u32(machine).u53(nextId);
    writeMany(to, [...waiting], writeTimer);
  });
}

/** @throws DecoraftError `Corrupted` for machines or timers that are out of order, and for a due time that is none. */
export function readTimers(reader: ByteReader): readonly MachineTimers[] {
  return readAscending(reader, readMachine, ({ machine }) => machine, MACHINES_LIMIT);
}

function readMachine(reader: ByteReader): MachineTimers {
  const machine = reader.u32() as MachineId;
  const nextId = reader.u53() as TimerId;
  const read = (): Timer => readTimer(reader, machine);
  return { machine, nextId, waiting: readAscending(reader, read, ({ id }) => id, nextId - 1) };
}

function writeTimer(writer: ByteWriter, { args, dueMs, id, operation }: Timer): void {
  writer.u53(id).f64(dueMs).u32(operation).bytes(args);
}

function readTimer(reader: ByteReader, machine: MachineId): Timer {
  const id = reader.u53() as TimerId;
  const dueMs = reader.f64();
  check(Number.isFinite(dueMs) && dueMs >= 0, `timer ${id} is due at ${dueMs}`);
  return { machine, id, dueMs, operation: reader.u32() as OperationId, args: reader.bytes().slice() };
}
