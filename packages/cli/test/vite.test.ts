import { messageOf } from '@decoraft/base';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { build, createLogger, createServer, type Plugin, type ViteDevServer } from 'vite';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { decoraft, type DecoraftOptions } from '../src/vite.js';
import { machine, Workspace } from './command.js';

const PAGE = `import { AClient } from './generated/a.client.js';

console.log(AClient.name);
`;

const FILES = { 'index.html': '<script type="module" src="/main.ts"></script>', 'main.ts': PAGE };

function page(files: Readonly<Record<string, string>>): Workspace {
  return new Workspace({ ...FILES, ...files }).install();
}

/** What vite has told in its terminal. */
function listeningLogger() {
  const told: string[] = [];
  const note = (message: string): void => void told.push(message);
  const logger = { ...createLogger('silent'), info: note, warn: note, warnOnce: note, error: note };
  return { told, logger };
}

async function bundle(workspace: Workspace, options?: DecoraftOptions) {
  const { told, logger } = listeningLogger();
  // That this compiles says that the plugin has the shape which vite asks for.
  const plugin: Plugin = decoraft(options);
  const outputs = await build({
    root: workspace.root,
    configFile: false,
    customLogger: logger,
    plugins: [plugin],
    build: { write: false, minify: false },
  });
  return { told: told.join('\n'), text: JSON.stringify(outputs) };
}

describe('vite build', () => {
  test('generates what the page imports', async () => {
    const workspace = page({ 'a.machine.ts': machine('A') });
    const { text } = await bundle(workspace);
    expect(workspace.list('generated')).toEqual(['a.client.ts', 'a.operations.ts', 'operations.ts']);
    expect(text).toContain('class AClient extends');
    // The page knows the class by its type only.
    expect(text).not.toContain('no answer');
  });

  test('fails at a problem, and says where it is', async () => {
    const workspace = page({ 'a.machine.ts': machine('A', 'any') });
    const error: unknown = await bundle(workspace).catch((thrown: unknown) => thrown);
    expect(messageOf(error)).toContain('a.machine.ts:4:15  type-any  A.get: the result is `any`');
    expect(messageOf(error)).toContain('Write the type of the data');
    expect(workspace.has('generated')).toBe(false);
  });

  test('takes the configuration that the README shows', async () => {
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    const [, config = ''] = /<!-- file: vite\.config\.ts -->\n+```ts\n([^]*?)```/.exec(readme) ?? [];
    const workspace = page({ 'a.machine.ts': machine('A'), 'vite.config.ts': config });
    await build({ root: workspace.root, logLevel: 'silent', build: { write: false } });
    expect(workspace.has('generated/a.client.ts')).toBe(true);
  });

  test('tells warnings and goes on', async () => {
    const text = machine('A', 'Unchecked').replace('{ qry', '{ type Unchecked, qry');
    const { told } = await bundle(page({ 'a.machine.ts': text }));
    expect(told).toContain('a.machine.ts:4:15  warning type-unchecked');
  });

  test('looks for machines where it is told to', async () => {
    const workspace = new Workspace({
      'web/index.html': FILES['index.html'],
      'web/main.ts': PAGE.replace('./generated', '../server/generated'),
      'server/a.ts': machine('A'),
    }).install();
    const { told, logger } = listeningLogger();
    await build({
      root: workspace.path('web'),
      configFile: false,
      customLogger: logger,
      plugins: [decoraft({ cwd: '../server', patterns: ['a.ts'] })],
      build: { write: false },
    });
    expect(told.join('\n')).not.toContain('decoraft');
    expect(workspace.has('server/generated/a.client.ts')).toBe(true);
  });
});

describe('vite dev', () => {
  test('generates at the start and at every change, and shows problems in terminal and page', async () => {
    const workspace = page({ 'a.machine.ts': machine('A') });
    const { told, logger } = listeningLogger();
    const server = await createServer({
      root: workspace.root,
      configFile: false,
      customLogger: logger,
      plugins: [decoraft()],
      server: { port: 0, host: '127.0.0.1' },
      optimizeDeps: { noDiscovery: true },
    });
    onTestFinished(() => server.close());
    await server.listen();
    expect(workspace.read('generated/a.client.ts')).toContain('get(): Promise<string>');
    const { payloads } = await openPage(server);

    workspace.write('a.machine.ts', machine('A', 'number'));
    await until(() => workspace.read('generated/a.client.ts').includes('get(): Promise<number>'));
    workspace.write('b.machine.ts', machine('B'));
    await until(() => workspace.has('generated/b.client.ts'));

    workspace.write('a.machine.ts', machine('A', 'any'));
    await until(() => payloads.some(isProblem));
    expect(payloads.find(isProblem)).toMatchObject({
      err: {
        plugin: 'decoraft',
        id: workspace.path('a.machine.ts'),
        loc: { line: 4, column: 14 },
        frame: '4 |   @qry get(): any {\n                  ^',
      },
    });
    expect(told.join('\n')).toContain('a.machine.ts:4:15  type-any');
    // Also in a page that is opened later.
    const later = await openPage(server);
    await until(() => later.payloads.some(isProblem));

    workspace.write('a.machine.ts', 'export class A extends');
    await until(() => payloads.some((payload) => JSON.stringify(payload).includes('syntax-error')));

    const seen = payloads.length;
    workspace.write('a.machine.ts', machine('A', 'number'));
    await until(() => payloads.slice(seen).some(({ type }) => type === 'update'));
    workspace.remove('b.machine.ts');
    await until(() => !workspace.has('generated/b.client.ts'));
  });
});

const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 20_000 });

interface Payload {
  readonly type: string;
}

const isProblem = (payload: Payload): boolean => JSON.stringify(payload).includes('type-any');

/** What a page hears from vite. */
async function openPage({ httpServer, config }: ViteDevServer) {
  const { port } = httpServer!.address() as AddressInfo;
  const url = `ws://127.0.0.1:${port}/?token=${config.webSocketToken}`;
  const socket = new WebSocket(url, 'vite-hmr');
  onTestFinished(() => socket.terminate());
  const payloads: Payload[] = [];
  socket.on('message', (data: Buffer) => payloads.push(JSON.parse(data.toString()) as Payload));
  await until(() => payloads.some(({ type }) => type === 'connected'));
  return { payloads };
}
