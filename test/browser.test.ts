import { startNode } from 'decoraft/server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { Counter } from '../examples/counter/src/counter.machine.js';
import '../examples/counter/src/generated/operations.js';
import { freePeers, until } from '../examples/key-value/src/node-process.js';
import { type Bundle, bundle } from './support/bundle.js';
import { chromiumFor, Page } from './support/chromium.js';
import { PageServer } from './support/page-server.js';
import { ProcessCluster } from './support/process-cluster.js';
import { readmeFiles } from './support/readme.js';
import { closeAll, later } from './support/later.js';

/**
 * What a page pays for the client, minified and compressed: to be raised knowingly only. It was 40,000 before clients of
 * another version were told where calls no longer fit, which is most of the rest, and before arguments went by position:
 * a page has only those writers that its generated clients call, beside MessagePack, which results still need.
 */
const GZIP_BUDGET_BYTES = 45_000;
/** Where the nodes of the README are; here they take ports that are free. */
const README_NODES = /127\.0\.0\.1:210(\d)/g;
const silent = { log: () => undefined };

let program: Bundle;
/** What the page runs. */
let code: string;
let server: PageServer;

beforeAll(async () => {
  program = await bundle('test/browser/page.ts');
  server = await PageServer.start(() => code);
});

beforeEach(() => {
  code = program.code;
});

afterEach(closeAll);

afterAll(() => server.close());

/** A page on our own program, once it runs. */
async function openTestPage(context: TestContext): Promise<Page> {
  const page = later(await Page.open(chromiumFor(context), server.origin));
  await until('the program runs', async () => (await page.evaluate('typeof globalThis.page')) === 'object');
  return page;
}

const numbers = (last: number): readonly string[] =>
  Array.from({ length: last }, (_, place) => String(place + 1));

describe('the bundle of a page', () => {
  it('holds the client and nothing of a node', () => {
    // Of the services that every node has, only what callers need.
    const ofCallers = /^packages\/service\/.*(?:client|names)\.js$/;
    const packages = program.modules
      .filter((path) => !ofCallers.test(path))
      .map((path) => /^packages\/([^/]+)/.exec(path)?.[1] ?? '');
    expect(new Set(packages)).toEqual(new Set(['', 'base', 'client', 'decoraft', 'protocol', 'rpc']));
    const foreign = program.modules.filter((path) => path.includes('node_modules/'));
    expect(foreign.filter((path) => !/\/(?:msgpackr|eventemitter3)\//.test(path))).toEqual([]);
  });

  it(`is smaller than ${GZIP_BUDGET_BYTES} bytes when it is compressed`, () => {
    console.log(`a page's bundle: ${program.bytes} bytes minified, ${program.gzipBytes} compressed`);
    expect(program.gzipBytes).toBeLessThan(GZIP_BUDGET_BYTES);
  });
});

describe('a page in Chromium', () => {
  it('writes, reads and is pushed every event once and in order, while the leader is killed', async (context) => {
    const page = await openTestPage(context);
    const cluster = later(await ProcessCluster.start({ more: { origins: [server.origin] } }));
    await page.evaluate(`page.connect(${JSON.stringify(cluster.addresses)})`);
    await page.evaluate('page.write(1, 50)');
    const writing = page.evaluate('page.write(51, 150)');
    const leader = await cluster.leader();
    await leader.kill();
    await writing;
    leader.start();
    await page.evaluate('page.write(151, 200)');
    expect(await page.evaluate('page.read()')).toBe('200');
    const pushed = await until('all events are there', async () => {
      const values = (await page.evaluate('page.pushed()')) as readonly string[];
      return values.length >= 200 && values;
    });
    expect(pushed).toEqual(numbers(200));
    await page.evaluate('page.close()');
  });

  it('of an origin that is not on the list is refused, and the node says which and why', async (context) => {
    const page = await openTestPage(context);
    const cluster = later(await ProcessCluster.start({ more: { origins: ['https://app.example.org'] } }));
    const leader = await cluster.leader();
    expect(await page.evaluate(`page.refusal(${JSON.stringify(leader.address)})`)).toBe('Unavailable');
    expect(leader.output).toContain(server.origin);
  });

  it('is what the README says', async (context) => {
    const chromium = chromiumFor(context);
    const peers = await freePeers();
    const addresses = ['', ...Object.values(peers)];
    const readme = readmeFiles().get('page.ts') ?? '';
    const text = readme.replaceAll(README_NODES, (_, number: string) => addresses[Number(number)] ?? '');
    ({ code } = await bundle('examples/counter/src/page.ts', text));
    for (const id of Object.keys(peers)) {
      const machines = { visits: new Counter() };
      const origins = [server.origin];
      later(await startNode({ id, dataDir: ':memory:', peers, machines, origins, logger: silent }));
    }
    const page = later(await Page.open(chromium, server.origin));
    await until('the page counts its visits', async () => {
      // Before the program listens, a click is nobody's.
      await page.evaluate('document.body?.click()');
      return /^\d+ visits$/.test(String(await page.evaluate('document.body?.textContent')));
    });
  });
});
