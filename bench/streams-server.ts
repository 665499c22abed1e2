/** The server process of `streams.ts`: gives many items, takes many items slowly, and tells what memory it took. */
import { setTimeout as pause } from 'node:timers/promises';
import { encodeValue } from '@decoraft/rpc';
import { RpcServer } from '@decoraft/rpc/server';
import { MemoryPeak } from './memory-peak.js';

const ITEM_BYTES = 1_024;
const item = new Uint8Array(ITEM_BYTES).fill(7);
const peak = new MemoryPeak();

const server = new RpcServer({ address: '127.0.0.1:0' });
server.register('streams', {
  methods: [
    { kind: 'unary', name: 'echo', handle: (payload) => payload },
    { kind: 'unary', name: 'peak', handle: () => encodeValue(peak.take()) },
    {
      kind: 'stream',
      name: 'list',
      async *handle(payload) {
        for (let left = countOf(payload); left > 0; left--) yield item;
      },
    },
    {
      kind: 'client-stream',
      name: 'gather',
      async handle(payload, payloads) {
        const pauseEvery = countOf(payload);
        let count = 0;
        for await (const each of payloads) {
          count += each.length / ITEM_BYTES;
          if (count % pauseEvery === 0) await pause(1);
        }
        return encodeValue(count);
      },
    },
  ],
});
await server.listen();
process.send?.(server.address);
process.on('disconnect', () => process.exit());

function countOf(payload: Uint8Array): number {
  return new DataView(payload.buffer, payload.byteOffset).getUint32(0);
}
