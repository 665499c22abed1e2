import { type Message, nodeId } from '../../src/index.js';
import { Cluster, type ClusterOptions, type Company } from './cluster.js';
import { changeFrom, configurationWords } from './configuration-words.js';
import type { Disk } from './memory-log.js';
import { messageOf } from './message-words.js';
import { castOf, diskOf, matcherOf, optionsOf } from './script-words.js';
import type { Server } from './server.js';
import { logLine, messageLine, progressLine, readyLines, statusLine } from './trace.js';
import { bytes } from './words.js';

/** Rounds until servers that are left alone must have come to rest. */
const SETTLE_LIMIT = 100;

/** What a script acts upon: the commands, one by one, each with the lines of its trace. */
export class World {
  #names: readonly string[] = [];
  #options: ClusterOptions = {};
  #company: Company = {};
  readonly #own: Record<string, ClusterOptions> = {};
  readonly #disks: Record<string, Disk> = {};
  #cluster: Cluster | undefined;
  #trace: string[] = [];
  /** The members that the trace has told last, of each server. */
  readonly #toldMembers = new Map<string, string>();

  run(words: readonly string[]): readonly string[] {
    this.#trace = [];
    const [verb = '', ...rest] = words;
    const [name = '', ...more] = rest;
    if (verb === 'quietly') {
      this.run(rest);
      return [];
    }
    if (!this.#begin(verb, name, more, rest) && !this.#act(verb, name, more, rest))
      this.#show(verb, name, rest);
    return this.#trace;
  }

  /** Commands before there is a cluster. */
  #begin(verb: string, name: string, more: readonly string[], rest: readonly string[]): boolean {
    switch (verb) {
      case 'cluster': {
        const { learners, spares, voters } = castOf(rest);
        this.#names = voters;
        this.#company = { learners, spares };
        this.#options = optionsOf(rest);
        return true;
      }
      case 'own':
        this.#own[name] = optionsOf(more);
        return true;
      case 'disk':
        this.#disks[name] = diskOf(more);
        return true;
      default:
        return false;
    }
  }

  #act(verb: string, name: string, more: readonly string[], rest: readonly string[]): boolean {
    switch (verb) {
      case 'deliver':
      case 'drop':
      case 'duplicate':
        this.#network(verb, rest);
        return true;
      case 'overtake': {
        const last = this.cluster.inFlight.findLast(matcherOf(rest));
        const [overtaker] = this.cluster.pick((message) => message === last);
        if (overtaker) this.cluster.inFlight.unshift(overtaker);
        return true;
      }
      case 'inject':
        this.#deliver(messageOf(name, more));
        return true;
      case 'settle':
        this.#settle(more);
        return true;
      case 'elect':
        this.cluster.elect(name);
        this.#say(`${name} leads in term ${this.#server(name).status.term}`);
        for (const { id } of this.cluster.servers) this.#tellMembers(id);
        return true;
      default:
        return (
          this.cluster.servers.some(({ id }) => id === name) && this.#ask(verb, this.#server(name), more)
        );
    }
  }

  /** Commands to one server. */
  #ask(verb: string, server: Server, more: readonly string[]): boolean {
    const { id, raft } = server;
    const [first = ''] = more;
    switch (verb) {
      case 'campaign':
        raft.campaign();
        return true;
      case 'tick':
        this.cluster.tick(id, Number(more[0] ?? 1));
        return true;
      case 'propose':
        this.#answer(id, raft.propose(more.map(bytes)));
        return true;
      case 'change':
        this.#change(server, more.join(' '));
        return true;
      case 'read':
        if (!raft.readIndex(Number(first), more.includes('lease') ? 'lease' : 'round')) {
          this.#say(`${id} knows no leader`);
        }
        return true;
      case 'transfer':
        this.#answer(id, raft.transferLeadership(nodeId(first)));
        return true;
      case 'forget-leader':
        raft.forgetLeader();
        return true;
      case 'paused':
        raft.paused();
        return true;
      case 'rest':
        this.#rest(server, [...more, id]);
        return true;
      case 'wake':
        raft.wake();
        return true;
      case 'unreachable':
        raft.reportUnreachable(nodeId(first));
        return true;
      case 'report':
        raft.reportSnapshot(nodeId(first), more[1] === 'finished' ? 'finished' : 'failed');
        return true;
      default:
        return this.#drive(verb, server, more);
    }
  }

  /** The duties of a server's driver. */
  #drive(verb: string, server: Server, more: readonly string[]): boolean {
    switch (verb) {
      case 'ready':
        this.#ready(server);
        break;
      case 'write':
        this.#send(server.finishWrite());
        break;
      case 'apply':
        server.finishApply();
        break;
      case 'snapshot':
        server.snapshot(more[0] === undefined ? undefined : Number(more[0]));
        break;
      case 'compact':
        server.compact(more[0] === undefined ? undefined : Number(more[0]));
        break;
      case 'crash':
        server.crash(Number(more[0] ?? 0));
        break;
      case 'restart':
        server.crash(server.writing.length, optionsOf(more));
        break;
      default:
        return false;
    }
    this.#tellMembers(server.id);
    return true;
  }

  #show(verb: string, name: string, rest: readonly string[]): void {
    switch (verb) {
      case 'progress':
        for (const peer of this.#server(name).status.progress) this.#say(progressLine(peer));
        return;
      case 'status':
        for (const { status } of this.#chosen(rest)) this.#say(statusLine(status));
        return;
      case 'log':
        for (const { id, log } of this.#chosen(rest)) this.#say(`${id} has ${logLine(log.content)}`);
        return;
      case 'members':
        for (const { id, status } of this.#chosen(rest)) {
          this.#say(`${id} has members ${configurationWords(status.configuration)}`);
        }
        return;
      case 'flight':
        for (const message of this.cluster.inFlight) this.#say(messageLine(message));
        return;
      default:
        throw new Error(`there is no verb ${verb}`);
    }
  }

  /** Where the leader may rest, all are asked in turn whether they do. */
  #rest({ id, raft }: Server, names: readonly string[]): void {
    const at = raft.restingPoint;
    if (!at) return this.#say(`${id} has something to do, or leads nobody`);
    for (const name of names) {
      this.#say(`${name} ${this.#server(name).raft.quiesce(at) ? 'rests' : 'does not rest'}`);
    }
  }

  get cluster(): Cluster {
    if (!this.#cluster) {
      const company = { ...this.#company, own: this.#own };
      this.#cluster = new Cluster(this.#names, this.#options, this.#disks, company);
      for (const { id, status } of this.#cluster.servers) {
        this.#toldMembers.set(id, configurationWords(status.configuration));
      }
    }
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

  #answer(id: string, result: { readonly ok: true } | { readonly ok: false; readonly reason: string }): void {
    if (!result.ok) this.#say(`${id} refuses: ${result.reason}`);
  }

  /** Membership changes take effect when they are applied: that is told where it happens. */
  #tellMembers(id: string): void {
    const words = configurationWords(this.#server(id).status.configuration);
    if (this.#toldMembers.get(id) !== words) this.#say(`${id} has members ${words}`);
    this.#toldMembers.set(id, words);
  }

  #change({ id, raft }: Server, words: string): void {
    try {
      this.#answer(id, raft.proposeConfigurationChange(changeFrom(words)));
    } catch (error) {
      this.#say(`${id} refuses: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #ready(server: Server): void {
    const { id } = server;
    if (!server.raft.hasReady()) return this.#say(`${id} has nothing ready`);
    const ready = server.take();
    for (const line of readyLines(id, ready)) this.#say(line);
    this.#tellMembers(id);
    this.#send(ready.messages);
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
    if (verb === 'deliver') for (const message of chosen) this.#deliver(message);
  }

  #deliver(message: Message): void {
    this.#server(message.to).raft.step(message);
    this.#tellMembers(message.to);
  }

  #settle(cutOff: readonly string[]): void {
    for (let round = 0; round < SETTLE_LIMIT; round++) {
      for (const server of this.cluster.servers) this.#work(server);
      this.cluster.drop(({ from, to }) => [from, to, `${from}->${to}`].some((lost) => cutOff.includes(lost)));
      const messages = this.cluster.pick();
      if (messages.length === 0) return;
      for (const message of messages) this.#deliver(message);
    }
    throw new Error('the cluster did not come to rest');
  }

  #work(server: Server): void {
    while (server.isBusy) {
      if (server.raft.hasReady()) this.#ready(server);
      if (server.writing.length > 0) this.#drive('write', server, []);
      if (server.applying.length > 0) this.#drive('apply', server, []);
    }
  }
}
