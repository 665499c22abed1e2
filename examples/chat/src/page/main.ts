/** The page: `/#ROOM`. It stands on the generated client alone; which server it talks to, it never asks. */
import { type Cluster, connect, DecoraftError } from 'decoraft/client';
import type { Message } from '../chat-room.machine.js';
import { ChatRoomClient } from '../generated/chat-room.client.js';
import { View } from './view.js';

/** A message is tried for so long: a cluster that has lost its leader has another one long before. */
const PATIENCE_MS = 60_000;
const PAGE = 50;

const room = decodeURIComponent(location.hash.slice(1)) || 'lobby';
const view = new View(room);
const addresses = (await (await fetch('/cluster.json')).json()) as readonly string[];
const cluster = await connect(addresses);
const chat = new ChatRoomClient(cluster, 'chat').with({ timeoutMs: PATIENCE_MS });

showConnection(cluster);
view.showStatus('connected', true);
view.onEnter((name) => void enter(name));
view.onSay((text) => void say(text));
view.onOlder(() => void attempt(older));
addEventListener('hashchange', () => location.reload());
// Whoever closes the page has left at once; whoever is cut off, when the session ends.
addEventListener('pagehide', () => void cluster.close());

async function enter(name: string): Promise<void> {
  view.showRoom();
  cluster.on('sessionExpired', () => void attempt(() => reopen(name)));
  await attempt(() => open(name));
}

/** What fails for good is shown: loading the page again is all that is left. */
async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    view.showStatus(`${DecoraftError.from(error).code}: load this page again`, false);
  }
}

/** Listens first and reads then: what is said in between comes twice, and is shown once. */
async function open(name: string): Promise<void> {
  const messages = chat.onMessage(room);
  messages.onStatusChanged(({ kind }) => {
    if (kind === 'resuming') view.showStatus('reconnecting', false);
    if (kind === 'live') view.showStatus('connected', true);
  });
  void follow(messages);
  await Promise.all([messages.ready, chat.onPresence(room, (names) => view.showPresent(names))]);
  view.showPresent(await chat.join(room, name));
  for (const message of await chat.history(room, PAGE)) view.showMessage(message);
}

/** To its end: what ended it is told elsewhere. */
async function follow(messages: AsyncIterable<Message>): Promise<void> {
  try {
    for await (const message of messages) view.showMessage(message);
  } catch (error) {
    view.showStatus(DecoraftError.from(error).code, false);
  }
}

/** The page was cut off for so long that the cluster has forgotten it: it comes as a new one. */
async function reopen(name: string): Promise<void> {
  view.showStatus('reconnecting', false);
  await cluster.renewSession();
  await open(name);
  view.showStatus('connected', true);
}

/** Commands of one client are applied in the order in which they were called, each of them once. */
async function say(text: string): Promise<void> {
  const ended = view.showUnsent(text);
  try {
    await chat.say(room, text);
    ended(undefined);
  } catch (error) {
    ended(DecoraftError.from(error).code === 'Indeterminate' ? 'may have been sent' : 'not sent');
  }
}

async function older(): Promise<void> {
  for (const message of await chat.history(room, PAGE, view.oldestId)) view.showMessage(message);
}

function showConnection(connection: Cluster): void {
  connection.on('statusChanged', ({ status }) => {
    if (status === 'reconnecting') view.showStatus('reconnecting', false);
    if (status === 'connected') view.showStatus('connected', true);
  });
}
