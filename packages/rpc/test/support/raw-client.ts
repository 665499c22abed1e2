import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { ByteWriter } from '@decoraft/base';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { type Frame, type FrameSink, readFrames } from '../../src/frames.js';
import { writeHello } from '../../src/hello.js';
import { defaultLimits } from '../../src/index.js';
import { until } from './rig.js';

/** A message made of whatever frames are written to it. */
export function message(write: (sink: FrameSink) => void): Uint8Array {
  const writer = new ByteWriter();
  write({ reserve: () => writer });
  return writer.finish();
}

/** A WebSocket client that speaks only when told to, and is held to nothing. */
export class RawClient {
  readonly frames: Frame[] = [];
  end: string | undefined;

  private constructor(readonly socket: WebSocket) {
    socket.binaryType = 'nodebuffer';
    socket.on('error', () => undefined);
    socket.on('close', (code, reason) => void (this.end = `${code} ${reason.toString()}`));
    socket.on('message', (data: Buffer) => {
      readFrames(new Uint8Array(data), (frame) => {
        this.frames.push(frame);
        return true;
      });
    });
  }

  static async connect(address: string, { greet = true } = {}): Promise<RawClient> {
    const client = new RawClient(new WebSocket(`ws://${address}`));
    onTestFinished(() => client.socket.terminate());
    await new Promise((resolve) => client.socket.once('open', resolve));
    if (!greet) return client;
    client.send((sink) => writeHello(sink, defaultLimits));
    await until(() => client.frames.length === 1, 'the hello');
    return client;
  }

  send(write: (sink: FrameSink) => void): void {
    this.socket.send(message(write));
  }

  /** Resolves with the close code and reason that the server gave. */
  async ended(): Promise<string> {
    await until(() => this.end !== undefined, 'the close');
    return this.end ?? '';
  }
}

/** A TCP connection on which the WebSocket handshake has been made and nothing else. */
export async function handshake(address: string): Promise<Socket> {
  const [host = '', port] = address.split(':');
  const socket = connect({ host, port: Number(port) });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  const lines = [
    'GET / HTTP/1.1',
    `Host: ${address}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    '',
    '',
  ];
  socket.write(lines.join('\r\n'));
  await new Promise((resolve) => socket.once('data', resolve));
  return socket;
}
