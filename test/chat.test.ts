/** The chat of `examples/chat`: two pages in Chromium, three server processes, two of which are killed on the way. */
import { fileURLToPath } from 'node:url';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { freePeers, until } from '../examples/key-value/src/node-process.js';
import { chromiumFor, Page } from './support/chromium.js';
import { ProcessCluster } from './support/process-cluster.js';
import { closeAll, later } from './support/later.js';

const example = (path: string): string => fileURLToPath(new URL(`../examples/chat/${path}`, import.meta.url));
/** Long enough for whatever else this machine does at the time. */
const LIMIT_MS = 90_000;

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'decoraft-chat-'));
  await build({
    root: example('src/page'),
    configFile: false,
    logLevel: 'error',
    build: { outDir: directory, emptyOutDir: true },
  });
});

afterAll(() => rm(directory, { recursive: true, force: true }));

afterEach(closeAll);

/** What a person sees and does, through the elements of the page. */
class Person {
  readonly name: string;
  readonly #page: Page;

  private constructor(name: string, page: Page) {
    this.name = name;
    this.#page = page;
  }

  static async enter(chromium: string, url: string, name: string): Promise<Person> {
    const person = new Person(name, later(await Page.open(chromium, url)));
    await person.sees('the page', async () => (await person.#text('#status')) === 'connected');
    await person.#submit('enter', 'name', name);
    return person;
  }

  say(text: string): Promise<unknown> {
    return this.#submit('say', 'text', text);
  }

  /** `name: text`, as they stand there. */
  messages(): Promise<readonly string[]> {
    return this.#texts('#messages li', '`${it.firstChild.textContent}: ${it.lastChild.textContent}`');
  }

  present(): Promise<readonly string[]> {
    return this.#texts('#present li', 'it.textContent');
  }

  unsent(): Promise<readonly string[]> {
    return this.#texts('#unsent li', 'it.textContent');
  }

  async sees(what: string, condition: () => Promise<boolean>): Promise<void> {
    try {
      await until(`${this.name} sees ${what}`, condition, LIMIT_MS);
    } catch (error) {
      const page = await this.#page.evaluate('document.body?.innerText');
      throw new Error(`${String(error)}\n${String(page)}\n${this.#page.console.join('\n')}`, {
        cause: error,
      });
    }
  }

  close(): Promise<void> {
    return this.#page.close();
  }

  #text(selector: string): Promise<unknown> {
    return this.#page.evaluate(`document.querySelector(${JSON.stringify(selector)})?.textContent`);
  }

  async #texts(selector: string, text: string): Promise<readonly string[]> {
    const all = `[...document.querySelectorAll(${JSON.stringify(selector)})].map((it) => ${text})`;
    return (await this.#page.evaluate(all)) as readonly string[];
  }

  #submit(form: string, field: string, value: string): Promise<unknown> {
    return this.#page.evaluate(
      `document.getElementById('${field}').value = ${JSON.stringify(value)};
       document.getElementById('${form}').requestSubmit()`,
    );
  }
}

const texts = (first: number, last: number): readonly string[] =>
  Array.from({ length: last - first + 1 }, (_, at) => `message ${first + at}`);

it('brings every message to every page once and in order, while the leader and another server are killed', async (context) => {
  const chromium = chromiumFor(context);
  const pagePorts = Object.fromEntries(
    Object.entries(await freePeers()).map(([id, address]) => [id, Number(address.split(':')[1])]),
  );
  const servers = later(
    await ProcessCluster.start({ program: [example('dist/server.js')], more: { pagePorts, directory } }),
  );
  const first = await servers.leader();
  const url = (id: string): string => `http://127.0.0.1:${pagePorts[id]}/#lobby`;
  const ada = await Person.enter(chromium, url('a'), 'Ada');
  const bob = await Person.enter(chromium, url('b'), 'Bob');
  const people = [ada, bob];
  for (const person of people) {
    await person.sees('both', async () => (await person.present()).join() === 'Ada,Bob');
  }
  const said = async (from: number, to: number): Promise<void> => {
    for (const text of texts(from, to)) await Promise.all(people.map((person) => person.say(text)));
  };
  const arrived = async (count: number): Promise<void> => {
    for (const person of people) {
      await person.sees(`${2 * count} messages`, async () => (await person.messages()).length >= 2 * count);
    }
  };

  await said(1, 10);
  await first.kill();
  await said(11, 30);
  await arrived(30);
  first.start();
  await until('it is back', () => first.output.split('listens on').length === 3, LIMIT_MS);
  const second = await servers.leader();
  await said(31, 40);
  await second.kill();
  await said(41, 60);
  await arrived(60);
  second.start();

  const [seenByAda = [], seenByBob = []] = await Promise.all(people.map((person) => person.messages()));
  expect(seenByBob).toEqual(seenByAda);
  expect(seenByAda).toHaveLength(120);
  for (const { name } of people) {
    const own = seenByAda.filter((line) => line.startsWith(`${name}: `));
    expect(own).toEqual(texts(1, 60).map((text) => `${name}: ${text}`));
  }
  for (const person of people) expect(await person.unsent()).toEqual([]);

  // Not a word to the cluster: its session ends when nothing was heard of it for long enough.
  await bob.close();
  await ada.sees('that Bob is gone', async () => (await ada.present()).join() === 'Ada');
}, 400_000);
