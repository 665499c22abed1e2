import { compareText } from '@decoraft/base';
import type { MachineId, Operation, OperationKind } from '@decoraft/protocol';
import { derived, operationsOf, qry, StateMachine } from '@decoraft/state-machine';
import type { MachineRecord } from './group-records.js';

/** A machine as the replica that hosts it knows it. */
export interface KnownMachine {
  readonly id: MachineId;
  readonly name: string;
  readonly instance: StateMachine;
  readonly operations: ReadonlyMap<number, Operation>;
}

/**
 * Which machines a group hosts. It has no state of its own: it shows what the replica has that answers, under the name
 * `MASTER_NAME` in every group.
 */
export class Master extends StateMachine {
  @derived private readonly registered: () => Iterable<KnownMachine>;

  /** @param registered What the group hosts now. */
  constructor(registered: () => Iterable<KnownMachine>) {
    super();
    this.registered = registered;
  }

  /** There is nothing to compute: what was given stays as it is. */
  override restored(): void {}

  /**
   * The machines that were registered on the node that answers, by their names; this one and that of `CONFIGURATION_NAME`,
   * which every group has, are not among them.
   */
  @qry machines(): readonly MachineRecord[] {
    return Array.from(this.registered(), recordOf).toSorted((left, right) =>
      compareText(left.name, right.name),
    );
  }
}

function recordOf({ id, instance, name, operations }: KnownMachine): MachineRecord {
  return {
    name,
    id,
    className: operationsOf(instance).machine,
    operations: Array.from(operations.values(), operationOf),
  };
}

function operationOf({ id, kind, name }: Operation): { name: string; id: number; kind: OperationKind } {
  return { name, id, kind };
}
