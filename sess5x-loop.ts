const root = process.argv[2]!;
const { startNode } = await import(`${root}/packages/decoraft/dist/server.js`);
const { connect } = await import(`${root}/packages/decoraft/dist/client.js`);
const { KeyValueClient } = await import(`${root}/examples/key-value/src/generated/key-value.client.ts`);
await import(`${root}/examples/key-value/src/generated/operations.ts`);
const { KeyValue } = await import(`${root}/examples/key-value/src/key-value.machine.ts`);
const port = 30000 + Math.floor(Math.random() * 20000);
const node = await startNode({ id: 'a', dataDir: ':memory:', peers: { a: `127.0.0.1:${port}` }, machines: { users: new KeyValue() }, logger: { log() {} } });
const cluster = await connect([node.address]);
const users = new KeyValueClient(cluster, 'users').with({ timeoutMs: 60000 });
async function run(count: number, inFlight: number) {
  let started = 0;
  const lane = async () => { while (started < count) await users.set(`key-${started++ % 1000}`, 'x'.repeat(256)); };
  await Promise.all(Array.from({ length: inFlight }, lane));
}
await run(20000, 512);
for (let r = 0; r < 5; r++) {
  const before = process.cpuUsage(); const t = performance.now();
  await run(30000, 512);
  const cpu = process.cpuUsage(before);
  console.log('cpu us/command', ((cpu.user + cpu.system) / 30000).toFixed(2), 'wall/s', (30000 / (performance.now() - t) * 1000).toFixed(0));
}
await cluster.close(); await node.close();
