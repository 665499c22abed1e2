import { type Entry, index, type Message, nodeId, NOBODY, term } from '../../src/index.js';
import { bytes, Cluster, type ClusterOptions } from './cluster.js';
import type { Disk } from './memory-log.js';
import { messageOf } from './message-words.js';
import type { Server } from './server.js';
import { entriesLine, messageLine, readyLines, statusLine } from './trace.js';

/**
 * Runs a script and writes it anew with the trace that it really has. A script is blocks of commands, `---`, and the
 * expected trace, with an empty line behind each; `#` begins a comment. The commands:
 *
 *     cluster a b c [option=value …]       options of the core; numbers, on, off
 *     disk a log=1,1,2 term=2 vote=b commit=1   what a's disk holds, before the first other command; the log by terms
 *     campaign a | tick a [times] | propose a x y … | read a context
 *     ready a                               takes a ready: what it says and sends at once
 *     write a                               a's oldest write is durable: what it sends then
 *     deliver [a->b | a-> | ->b] [kind] [n] those in flight that match, the first n, in order; `drop` and `duplicate`
 *                                           likewise
 *     overtake [a->b] [kind]                the last one in flight that matches goes before all others
 *     inject a->b kind [name=value …]       a message that nobody sent, written as in a trace
 *     crash a [writes]                      a loses what is not durable; so many writes still reached the disk
 *     settle [without c …]                  everybody works, all is delivered, until nothing is left
 *     elect a                               campaign and settle, without the trace
 *     quietly …                             any command without the trace
 *     status | log | progress a | flight    what is
 */
export function runScript(script: string): string {
  const world = new World();
  const written: string[] = [];
  let output: string[] | undefined;
  let trace: string[] = [];
  for (const line of `${script.trimEnd()}\n`.split('\n')) {
    if (output !== undefined) {
      // The old trace is left out; an empty line ends it.
      if (line !== '') continue;
      written.push(...output, '');
      output = undefined;
    } else if (line === '---') {
      written.push(line);
      output = trace.length > 0 ? trace : ['nothing'];
      trace = [];
    } else {
      if (line !== '' && !line.startsWith('#')) trace.push(...world.run(line.split(' ')));
      written.push(line);
    }
  }
  if (trace.length > 0) throw new Error('the last commands have no trace: --- is missing');
  return `${written.join('\n').trimEnd()}\n`;
}

class World {
  #names: string[] = [];
  #options: ClusterOptions = {};
  readonly #disks: Record<string, Disk> = {};
  #cluster: Cluster | undefined;
  #trace: string[] = [];

  run(words: readonly string[]): readonly string[] {
    this.#trace = [];
    const [verb = '', ...rest] = words;
    const [name = '', ...more] = rest;
    if (verb === 'quietly') {
      this.run(rest);
      return [];
    }
    this.#do(verb, name, more, rest);
    return this.#trace;
  }

  #do(verb: string, name: string, more: readonly string[], rest: readonly string[]): void {
    switch (verb) {
      case 'cluster':
        this.#names = rest.filter((word) => !word.includes('='));
        this.#options = optionsOf(rest.filter((word) => word.includes('=')));
        return;
      case 'disk':
        this.#disks[name] = diskOf(more);
        return;
      case 'campaign':
        return this.#server(name).raft.campaign();
      case 'tick':
        return this.cluster.tick(name, Number(more[0] ?? 1));
      case 'propose':
        return this.#propose(name, more);
      case 'read':
        if (!this.#server(name).raft.readIndex(Number(more[0]))) this.#say(`${name} knows no leader`);
        return;
      case 'ready':
        return this.#ready(name);
      case 'write':
        return this.#write(name);
      case 'deliver':
      case 'drop':
      case 'duplicate':
        return this.#network(verb, rest);
      case 'overtake': {
        const last = this.cluster.inFlight.findLast(matcherOf(rest));
        const [overtaker] = this.cluster.pick((message) => message === last);
        if (overtaker) this.cluster.inFlight.unshift(overtaker);
        return;
      }
      case 'inject': {
        const message = messageOf(name, more);
        return this.#server(message.to).raft.step(message);
      }
      case 'progress':
        for (const { id, match, next, state } of this.#server(name).status.progress) {
          this.#say(`${id} ${state} match=${match} next=${next}`);
        }
        return;
      case 'crash':
        return this.#server(name).crash(Number(more[0] ?? 0));
      case 'settle':
        return this.#settle(more);
      case 'elect':
        this.cluster.elect(name);
        return this.#say(`${name} leads in term ${this.#server(name).status.term}`);
      case 'status':
        for (const { status } of this.#chosen(rest)) this.#say(statusLine(status));
        return;
      case 'log':
        for (const { id, log } of this.#chosen(rest))
          this.#say(`${id} has ${entriesLine(log.shown) || 'nothing'}`);
        return;
      case 'flight':
        for (const message of this.cluster.inFlight) this.#say(messageLine(message));
        return;
      default:
        throw new Error(`there is no verb ${verb}`);
    }
  }

  get cluster(): Cluster {
    this.#cluster ??= new Cluster(this.#names, this.#options, this.#disks);
    return this.#cluster;
  }

  #server(name: string): Server {
    return this.cluster.server(name);
  }

  #chosen(names: readonly string[]): readonly Server[] {
    return names.length > 0 ? names.map((name) => this.#server(name)) : this.cluster.servers;
  }

  #say(line: string): void {
    this.#trace.push(line);
  }

  #propose(name: string, data: readonly string[]): void {
    const result = this.#server(name).raft.propose(data.map(bytes));
    if (!result.ok) this.#say(`${name} refuses: ${result.reason}`);
  }

  #ready(name: string): void {
    const server = this.#server(name);
    if (!server.raft.hasReady()) return this.#say(`${name} has nothing ready`);
    const ready = server.take();
    for (const line of readyLines(name, ready)) this.#say(line);
    this.#send(ready.messages);
  }

  #write(name: string): void {
    this.#send(this.#server(name).finishWrite());
  }

  #send(messages: readonly Message[]): void {
    for (const message of messages) {
      this.#say(messageLine(message));
      this.cluster.inFlight.push(message);
    }
  }

  #network(verb: string, words: readonly string[]): void {
    const matches = matcherOf(words);
    let left = Number(words.find((word) => /^\d+$/.test(word)) ?? Number.POSITIVE_INFINITY);
    const chosen = this.cluster.pick((message) => matches(message) && left-- > 0);
    if (chosen.length === 0) this.#say('nothing matches');
    if (verb === 'duplicate') this.cluster.inFlight.push(...chosen, ...chosen);
    if (verb === 'deliver') for (const message of chosen) this.#server(message.to).raft.step(message);
  }

  #settle(cutOff: readonly string[]): void {
    for (let round = 0; round < 100; round++) {
      for (const { id, raft, writing } of this.cluster.servers) {
        while (raft.hasReady() || writing.length > 0) {
          if (raft.hasReady()) this.#ready(id);
          if (writing.length > 0) this.#write(id);
        }
      }
      this.cluster.drop(({ from, to }) => cutOff.includes(from) || cutOff.includes(to));
      if (this.cluster.inFlight.length === 0) return;
      this.cluster.deliver();
    }
    throw new Error('the cluster did not come to rest');
  }
}

function optionsOf(words: readonly string[]): ClusterOptions {
  const values = words.map((word) => {
    const [name = '', value = ''] = word.split('=');
    return [name, value === 'on' || value === 'off' ? value === 'on' : Number(value)];
  });
  return Object.fromEntries(values) as ClusterOptions;
}

function diskOf(words: readonly string[]): Disk {
  const values = new Map(
    words.map((word): [string, string] => [word.split('=')[0] ?? '', word.split('=')[1] ?? '']),
  );
  const terms = (values.get('log') ?? '').split(',').filter((word) => word !== '');
  const entries = terms.map((word, at): Entry => ({
    term: term(Number(word)),
    index: index(at + 1),
    kind: 'normal',
    data: bytes(`${at + 1}@${word}`),
  }));
  const vote = values.get('vote');
  const hardState = {
    term: term(Number(values.get('term') ?? terms.at(-1) ?? 0)),
    vote: vote === undefined ? NOBODY : nodeId(vote),
    commit: index(Number(values.get('commit') ?? 0)),
  };
  return { entries, hardState };
}

function matcherOf(words: readonly string[]): (message: Message) => boolean {
  const arrow = words.find((word) => word.includes('->')) ?? '->';
  const kind = words.find((word) => !word.includes('->') && !/^\d+$/.test(word));
  const [from, receiver] = arrow.split('->');
  return (message) =>
    (!from || message.from === from) &&
    (!receiver || message.to === receiver) &&
    (kind === undefined || message.kind === kind);
}
