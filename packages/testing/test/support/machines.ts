import { stableHash } from '@decoraft/base';
import { type CallOptions, type Cluster, MachineClient } from '@decoraft/client';
import { type OperationId } from '@decoraft/protocol';
import { cmd, defineOperations, qry, StateMachine } from '@decoraft/state-machine';

const operationId = (name: string): OperationId => stableHash(name) as OperationId;
const NUMBER = { kind: 'number' } as const;

/** A counter that is right. */
export class Counter extends StateMachine {
  private value = 0;

  @cmd add(amount: number): number {
    this.value += amount;
    return this.value;
  }

  @qry current(): number {
    return this.value;
  }
}

/** A counter whose answer is not what it did. */
export class ForgetfulCounter extends StateMachine {
  private value = 0;

  @cmd add(amount: number): number {
    if (this.value !== 20) this.value += amount;
    return this.value;
  }

  @qry current(): number {
    return this.value;
  }
}

/** A counter that asks for the time where it must not: its replicas differ. */
export class ClockCounter extends StateMachine {
  private value = 0;
  private at = 0;

  @cmd add(amount: number): number {
    this.value += amount;
    this.at = Date.now();
    return this.value;
  }

  @qry current(): number {
    return this.value + this.at * 0;
  }
}

let calls = 0;

/** A counter that keeps what is no replica's state. */
export class ProcessCounter extends StateMachine {
  private value = 0;

  @cmd add(amount: number): number {
    this.value += amount;
    calls += 1;
    return this.value + calls;
  }

  @qry current(): number {
    return this.value;
  }
}

for (const machine of [Counter, ForgetfulCounter, ClockCounter, ProcessCounter]) {
  defineOperations(machine, {
    format: 1,
    machine: machine.name,
    operations: [
      {
        id: operationId('add'),
        name: 'add',
        kind: 'cmd',
        parameters: [{ name: 'amount', schema: NUMBER, optional: false }],
        result: NUMBER,
      },
      { id: operationId('current'), name: 'current', kind: 'qry', parameters: [], result: NUMBER },
    ],
    types: {},
  });
}

/** Nearly as the generator writes it. */
export class CounterClient extends MachineClient {
  static of(cluster: Cluster): CounterClient {
    return new CounterClient(cluster, 'counter');
  }

  add(amount: number): Promise<number> {
    return this.command(operationId('add'), 'add', [amount]);
  }

  current(): Promise<number> {
    return this.query(operationId('current'), 'current', [], 'linearizable');
  }

  /** As a method that declares no level is asked. */
  currentAt(options: CallOptions): Promise<number> {
    return new CounterClient(this.cluster, this.machineName, options).query(
      operationId('current'),
      'current',
      [],
    );
  }
}
