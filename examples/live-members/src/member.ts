/** A process that is a member, until it is told to end, or killed: `node dist/member.js ID ADDRESSES [GROUP…]`. */
import { connect } from 'decoraft/client';
import { Member } from 'decoraft/membership';

const [id = 'ada', addresses = '127.0.0.1:2100', ...groups] = process.argv.slice(2);

const cluster = await connect(addresses.split(','), { connectTimeoutMs: 30_000 });
const member = await Member.join(cluster, {
  id,
  address: `process ${process.pid}`,
  groups,
  timeoutMs: 3_000,
});
console.log(`${id} is a member, in its life ${member.incarnation}`);
member.on('offline', () => console.log(`${id} was taken offline`));
member.on('online', () => console.log(`${id} is online again`));
member.on('ended', ({ reason }) => console.log(`${id} is no member any more: ${reason}`));

process.once('SIGTERM', () => void leave());

async function leave(): Promise<void> {
  await member.leave();
  await cluster.close();
}
