import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { seededRandom } from '@decoraft/base';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../examples/key-value/src/node-process.js';
import { FaultyNetwork } from './blackbox/network/faulty-network.js';

/** Says again what it hears. */
let echo: Server;
let network: FaultyNetwork;
const sockets: Socket[] = [];

beforeEach(async () => {
  echo = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined).pipe(socket);
  });
  await once(echo.listen(0, '127.0.0.1'), 'listening');
  const nodes = { a: `127.0.0.1:${(echo.address() as AddressInfo).port}`, b: '127.0.0.1:9' };
  network = await FaultyNetwork.open({ nodes, clients: ['client', 'other'], random: seededRandom(1) });
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await network.close();
  echo.close();
});

/** A connection of one party to `a`, and all that came back. */
class Caller {
  readonly socket: Socket;
  heard = '';
  isOver = false;

  constructor(from: string) {
    const [way = ''] = Object.values(network.waysOf(from));
    this.socket = connect(Number(way.split(':')[1]), '127.0.0.1');
    this.socket.on('data', (chunk) => void (this.heard += chunk.toString()));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => void (this.isOver = true));
    sockets.push(this.socket);
  }

  async hears(words: string): Promise<void> {
    await until(`${words} is heard`, () => this.heard === words);
  }

  async ends(): Promise<void> {
    await until('the connection is over', () => this.isOver);
  }
}

it('a party reaches a node by a way of its own, and no party itself', () => {
  const ways = ['client', 'other', 'b'].flatMap((from) => Object.values(network.waysOf(from))[0] ?? []);
  expect(new Set(ways).size).toBe(3);
  expect(Object.keys(network.waysOf('a'))).toEqual(['127.0.0.1:9']);
});

it.each([
  ['to the node', 'client', 'a'],
  ['from the node', 'a', 'client'],
])(
  'what goes %s stands still alone, and arrives in order when it may; others notice nothing',
  async (_, from, to) => {
    const [stalled, free] = [new Caller('client'), new Caller('other')];
    stalled.socket.write('1');
    await stalled.hears('1');
    network.wire(from, to).set({ kind: 'stall' });
    stalled.socket.write('2');
    stalled.socket.write('3');
    free.socket.write('free');
    await free.hears('free');
    expect(stalled.heard).toBe('1');
    network.wire(from, to).set({ kind: 'pass' });
    await stalled.hears('123');
  },
);

it('the end of a connection does not come through a wire that stands still', async () => {
  const caller = new Caller('client');
  caller.socket.write('1');
  await caller.hears('1');
  network.wire('a', 'client').set({ kind: 'stall' });
  for (const socket of sockets.filter((each) => each !== caller.socket)) socket.resetAndDestroy();
  const free = new Caller('other');
  free.socket.write('free');
  await free.hears('free');
  expect(caller.isOver).toBe(false);
  network.wire('a', 'client').set({ kind: 'pass' });
  await caller.ends();
});

it('what is late by chance comes in order', async () => {
  network.wire('client', 'a').set({ kind: 'delay', mostMs: 30 });
  const caller = new Caller('client');
  const words = Array.from({ length: 20 }, (_, number) => `${number} `);
  for (const word of words) caller.socket.write(word);
  await caller.hears(words.join(''));
});

it('a connection breaks behind so many bytes, in the middle of what was sent', async () => {
  network.wire('client', 'a').set({ kind: 'drop', afterBytes: 5 });
  const caller = new Caller('client');
  caller.socket.write('123');
  await caller.hears('123');
  caller.socket.write('4567');
  await caller.ends();
  expect(caller.heard.length).toBeLessThanOrEqual(5);
});

it('two who are refused, or whose connections are ended, can be let in again', async () => {
  const caller = new Caller('client');
  caller.socket.write('1');
  await caller.hears('1');
  network.refuse('client', 'a', true);
  await caller.ends();
  await new Caller('client').ends();
  network.refuse('client', 'a', false);
  const again = new Caller('client');
  again.socket.write('2');
  await again.hears('2');
  network.reset('a', 'client');
  await again.ends();
});

it('who connects to nobody is told so', async () => {
  const [, way = ''] = Object.values(network.waysOf('client'));
  const socket = connect(Number(way.split(':')[1]), '127.0.0.1').resume();
  socket.on('error', () => undefined);
  await once(socket, 'close');
});
