import { type Cluster, MachineClient, type Unsubscribe } from '@decoraft/client';
import type { Place } from './ledger.js';
import { operationId } from './ledger-operations.js';

/** The name under which every node registers its ledger. */
export const LEDGER = 'ledger';

/** As the generator writes it. Reads are linearizable, or there would be nothing to prove. */
export class LedgerClient extends MachineClient {
  static of(cluster: Cluster): LedgerClient {
    return new LedgerClient(cluster, LEDGER);
  }

  set(command: string, key: string, text: string): Promise<string | undefined> {
    return this.command(operationId('set'), 'set', [command, key, text]);
  }

  compareAndSet(command: string, key: string, expected: string | undefined, text: string): Promise<boolean> {
    return this.command(operationId('compareAndSet'), 'compareAndSet', [command, key, expected, text]);
  }

  add(command: string, counter: string, amount: number): Promise<number> {
    return this.command(operationId('add'), 'add', [command, counter, amount]);
  }

  text(key: string): Promise<string | undefined> {
    return this.query(operationId('text'), 'text', [key], 'linearizable');
  }

  count(counter: string): Promise<number> {
    return this.query(operationId('count'), 'count', [counter], 'linearizable');
  }

  onText(key: string, listener: (execution: Place) => void): Promise<Unsubscribe> {
    return this.subscribe<Place>(operationId('onText'), 'onText', [key], listener) as Promise<Unsubscribe>;
  }
}
