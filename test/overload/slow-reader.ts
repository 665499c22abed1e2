import {
  type Consistency,
  encodeQuery,
  groupServiceName,
  machineId,
  type OperationId,
} from '@decoraft/protocol';
import { stableHash } from '@decoraft/base';
import { type Channel, encodeValue, methodId, openChannel, serviceId, webSocketDialer } from '@decoraft/rpc';
import { WebSocket } from 'ws';

const SERVICE = serviceId(groupServiceName('main'));

/** A connection below the client: nothing is retried, and nothing waits here. */
export class RawConnection {
  readonly #channel: Channel;
  readonly #socket: WebSocket | undefined;

  private constructor(channel: Channel, socket: WebSocket | undefined) {
    this.#channel = channel;
    this.#socket = socket;
  }

  static async open(address: string): Promise<RawConnection> {
    const opened: WebSocket[] = [];
    class Noted extends WebSocket {
      constructor(...given: ConstructorParameters<typeof WebSocket>) {
        super(...given);
        opened.push(this);
      }
    }
    const channel = await openChannel(address, { transport: webSocketDialer({ WebSocket: Noted }) });
    return new RawConnection(channel, opened[0]);
  }

  /** Reads nothing from now on. */
  stopReading(): void {
    this.#socket?.pause();
  }

  /** Asks for so many answers of so many characters; what becomes of them is not waited for. */
  ask(count: number, length: number, consistency: Consistency): void {
    const query = { consistency, machine: machineId('tally'), operation: stableHash('text') as OperationId };
    const payload = encodeQuery({ ...query, cluster: 0, minIndex: 0, args: encodeValue([length]) });
    for (let left = count; left > 0; left--) this.#call('query', payload);
  }

  /** Proposes so many times; what becomes of it is not waited for. */
  propose(count: number, payload: Uint8Array): void {
    for (let left = count; left > 0; left--) this.#call('propose', payload);
  }

  close(): void {
    this.#socket?.terminate();
    this.#channel.close();
  }

  #call(method: string, payload: Uint8Array): void {
    this.#channel.call(SERVICE, methodId(method), payload).catch(() => undefined);
  }
}
