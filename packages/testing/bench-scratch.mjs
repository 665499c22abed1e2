import { simulate } from './dist/index.js';
import { Counter } from '../../examples/counter/dist/counter.machine.js';
import '../../examples/counter/dist/generated/operations.js';
import { CounterClient } from '../../examples/counter/dist/generated/counter.client.js';
const seeds = Number(process.argv[2] ?? 5), first = Number(process.argv[3] ?? 1);
let ms = 0, sim = 0, events = 0;
for (let seed = first; seed < first + seeds; seed++) {
  const t = performance.now();
  try {
  const r = await simulate({ seed, ...(process.env.NOFAULT ? { faults: 'none' } : {}), ...(process.env.D ? { durationMs: Number(process.env.D) } : {}), ...(process.env.N ? { nodes: Number(process.env.N) } : {}),
    machines: { counter: () => new Counter() },
    workload: async ({ client, random, record }) => {
      const counter = new CounterClient(client, 'counter');
      if (random() < 0.7) await record({ kind: 'increment', by: 1 }, () => counter.add(1));
      else await record({ kind: 'read' }, () => counter.current());
    } });
  ms += performance.now() - t; sim += r.simulatedMs; events += r.events;
  if (process.env.V) console.log(seed, r.traceHash, r.simulatedMs, r.events, r.operations);
  } catch (e) { console.log('FAILED', seed, e.broken, e.message.split('\n')[0], e.cause?.stack?.split('\n').slice(0,6).join('\n')); if (process.env.X) console.log(e.message); }
}
const cpu = process.cpuUsage(); console.log('cpu', ((cpu.user+cpu.system)/1e6).toFixed(2), 's,', (sim/((cpu.user+cpu.system)/1e3)).toFixed(1), 'x per cpu second');
console.log((sim/ms).toFixed(1), 'x realtime;', (events/ms*1000).toFixed(0), 'events/s', (ms/1000).toFixed(2), 's');
