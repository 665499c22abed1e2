import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'vitest';
import { WebSocket } from 'ws';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** A machine with two cores and a load of fifteen needs some of it. */
const START_LIMIT_MS = 60_000;

/** What keeps it to itself: without these it looks up hosts of its maker at every start. */
const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly error?: { readonly message: string };
  readonly result?: {
    readonly result?: { readonly value?: unknown };
    readonly exceptionDetails?: { readonly text: string; readonly exception?: { description?: string } };
  };
}

/** Where Chromium is on this machine, if it is: where `CHROMIUM` says, else the first on the path. */
function findChromium(): string | undefined {
  const { CHROMIUM: told, PATH: path = '' } = process.env;
  const onPath = path.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return (told === undefined ? onPath : [told]).find(isExecutable);
}

/** The browser. Where there is none, says so: the run ends with a list of what was not run. */
export function chromiumFor(context: TestContext): string {
  const chromium = findChromium();
  if (chromium !== undefined) return chromium;
  const reason = 'there is no Chromium on this machine (apt-get install chromium)';
  console.warn(`NOT RUN, because ${reason}: ${context.task.name}`);
  return context.skip(reason);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** One page in a browser without a window, driven through the DevTools protocol. */
export class Page {
  readonly #browser: ChildProcess;
  readonly #socket: WebSocket;
  readonly #profile: string;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;
  /** What the page wrote to its console, and what it threw and nobody caught. */
  readonly console: string[] = [];

  private constructor(browser: ChildProcess, socket: WebSocket, profile: string) {
    this.#browser = browser;
    this.#socket = socket;
    this.#profile = profile;
    socket.on('message', (data: Buffer) => this.#hear(JSON.parse(data.toString()) as Answer));
  }

  static async open(chromium: string, url: string): Promise<Page> {
    const profile = mkdtempSync(join(tmpdir(), 'decoraft-chromium-'));
    const options = [...QUIET, `--user-data-dir=${profile}`, '--remote-debugging-port=0', 'about:blank'];
    const browser = spawn(chromium, options, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    try {
      const port = await portOf(browser);
      const socket = new WebSocket(await firstPage(port));
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
      const page = new Page(browser, socket, profile);
      await page.#ask('Runtime.enable');
      await page.#ask('Log.enable');
      await page.#ask('Page.navigate', { url });
      return page;
    } catch (error) {
      await stop(browser, profile);
      throw error;
    }
  }

  /** The value of an expression in the page, awaited. */
  async evaluate(expression: string): Promise<unknown> {
    const { result } = await this.#ask('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    const thrown = result?.exceptionDetails;
    if (thrown) throw new Error(`${expression}: ${thrown.exception?.description ?? thrown.text}`);
    return result?.result?.value;
  }

  async close(): Promise<void> {
    this.#socket.terminate();
    await stop(this.#browser, this.#profile);
  }

  async #ask(method: string, params: unknown = {}): Promise<Answer> {
    const id = ++this.#lastId;
    const answer = await new Promise<Answer>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
    if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
    return answer;
  }

  #hear(answer: Answer): void {
    if (answer.id !== undefined) {
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    } else if (/consoleAPICalled|exceptionThrown|entryAdded/.test(answer.method ?? '')) {
      this.console.push(JSON.stringify(answer.params));
    }
  }
}

/** It takes a free port and says which. */
function portOf(browser: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = (why: string): void => reject(new Error(`Chromium ${why}: ${said}`));
    const timer = setTimeout(() => fail(`said no port within ${START_LIMIT_MS} ms`), START_LIMIT_MS);
    browser.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const [, port] = /DevTools listening on ws:\/\/[^:]+:(\d+)\//.exec(said) ?? [];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(port);
    });
    browser.once('error', (error) => fail(error.message));
    browser.once('exit', (code) => fail(`ended with ${code}`));
  });
}

async function firstPage(port: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/json/list`);
  const targets = (await response.json()) as readonly { type: string; webSocketDebuggerUrl: string }[];
  const page = targets.find(({ type }) => type === 'page');
  if (!page) throw new Error('Chromium has no page');
  return page.webSocketDebuggerUrl;
}

async function stop(browser: ChildProcess, profile: string): Promise<void> {
  if (browser.pid !== undefined && browser.exitCode === null && browser.signalCode === null) {
    const gone = new Promise((resolve) => browser.once('exit', resolve));
    // Its children as well: they write to the profile until they notice.
    process.kill(-browser.pid, 'SIGKILL');
    await gone;
  }
  await rm(profile, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
}
