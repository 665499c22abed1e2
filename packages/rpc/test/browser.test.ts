import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { methodId, openChannel, serviceId, webSocketDialer } from '../src/index.js';
import { RpcServer } from '../src/server/index.js';
import { bytes, echoService, rejection } from './support/rig.js';

/** Every file that `index.ts` brings with it, by its path. */
function reachable(entry: URL, found = new Map<string, string>()): ReadonlyMap<string, string> {
  if (found.has(entry.pathname)) return found;
  const source = readFileSync(entry, 'utf8');
  found.set(entry.pathname, source);
  for (const [, target = ''] of source.matchAll(/from '(\.[^']*)\.js'/g))
    reachable(new URL(`${target}.ts`, entry), found);
  return found;
}

/** The WebSocket of `ws`, which writes down the codes it was closed with. */
class RecordingWebSocket extends WebSocket {
  static readonly codes: (number | undefined)[] = [];

  override close(code?: number, reason?: string): void {
    RecordingWebSocket.codes.push(code);
    super.close(code, reason);
  }
}

describe('the client half in a browser', () => {
  test('brings nothing of Node and nothing of ws with it', () => {
    const files = reachable(new URL('../src/index.ts', import.meta.url));
    expect(files.size).toBeGreaterThan(20);
    for (const [path, source] of files) {
      const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
      expect(code, path).not.toMatch(/from '(node:|ws')|\bBuffer\b|\bprocess\b|\brequire\(/);
      expect(path).not.toContain('/server/');
    }
  });

  test('uses the constructor that it is given', async () => {
    const server = new RpcServer({ address: '127.0.0.1:0' });
    server.register('test', echoService);
    await server.listen();
    onTestFinished(() => server.close({ drainMs: 1 }));
    const channel = await openChannel(`ws://${server.address}/`, {
      transport: webSocketDialer({ WebSocket: RecordingWebSocket }),
    });
    expect(await channel.call(serviceId('test'), methodId('echo'), bytes(1, 2))).toEqual(bytes(1, 2));
    channel.close();
    expect(RecordingWebSocket.codes).toContain(1_000);
  });

  test('closes with codes that a page may use: 1000, or 3000 to 4999', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    onTestFinished(() => server.close());
    server.on('connection', (socket) => socket.on('message', () => socket.send('text')));
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const transport = webSocketDialer({ WebSocket: RecordingWebSocket });
    expect(await rejection(openChannel(`127.0.0.1:${port}`, { transport }))).toMatchObject({
      code: 'Unavailable',
    });
    expect(RecordingWebSocket.codes).toContain(4_003);
  });
});
