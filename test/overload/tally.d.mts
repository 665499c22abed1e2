import type { MachineCall } from 'decoraft/client';

/** A call of the machine, as a generated client would make it. */
export function callOf(name: string, ...args: readonly unknown[]): MachineCall;
