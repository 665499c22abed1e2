import { WebSocket } from 'ws';

/** Has a bare server send the same bytes to all, and waits until it has. */
export class RawPublisher {
  readonly #socket: WebSocket;
  readonly #message: Uint8Array;
  readonly #waiting: ((answer: string) => void)[] = [];

  private constructor(socket: WebSocket, bytes: number) {
    this.#socket = socket;
    this.#message = new Uint8Array(bytes);
    socket.on('message', (answer: Buffer) => this.#waiting.shift()?.(answer.toString()));
  }

  static async connect(url: string, bytes: number): Promise<RawPublisher> {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return new RawPublisher(socket, bytes);
  }

  async publish(): Promise<void> {
    await this.#ask(this.#message);
  }

  /** Of the server's process. */
  async cpuMicroseconds(): Promise<number> {
    return Number(await this.#ask('cpu'));
  }

  #ask(message: Uint8Array | string): Promise<string> {
    this.#socket.send(message);
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  close(): void {
    this.#socket.close();
  }
}
