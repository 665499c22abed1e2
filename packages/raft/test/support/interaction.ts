import type { Message, NodeId, TransferResult } from '../../src/index.js';
import { index, nodeId } from '../../src/index.js';
import { InteractionNode } from './interaction-node.js';
import { type Command, isChange, nodeOptionsOf, parse } from './interaction-script.js';
import { describeEntry, describeMessage, describeProgress } from './interaction-words.js';
import { kindName, nodeName, readChange, roleName } from './interaction-words.js';

/** Something in flight: a message, or what a storage thread says to its own node, which is not shown. */
interface Delivery {
  readonly to: NodeId;
  readonly message?: Message;
  readonly deliver: () => void;
}

/**
 * Drives our core with the commands of etcd's interaction scripts (its rafttest), and says what happens in their words.
 * What its own core only logs is not said, but for configurations; `interaction-comparison.ts` leaves that out.
 */
export class Interaction {
  readonly #nodes: InteractionNode[] = [];
  #flight: Delivery[] = [];
  #output: string[] = [];
  #isQuiet = false;

  run(commands: readonly string[]): readonly string[] {
    this.#output = [];
    const lines = commands.filter((line) => !isChange(line));
    for (const line of lines) {
      const changes = commands.filter((each) => isChange(each)).flatMap((each) => each.trim().split(/\s+/));
      const error = this.#run(parse(line), changes);
      if (error !== undefined) this.#say(error);
    }
    return this.#output.length > 0 ? this.#output : ['ok'];
  }

  #say(line: string): void {
    if (!this.#isQuiet) this.#output.push(line);
  }

  #run(command: Command, changes: readonly string[]): string | undefined {
    const [first = '', second = ''] = command.values;
    const words = command.values.slice(1).join(' ');
    switch (command.name) {
      case 'log-level':
        this.#isQuiet = first === 'none';
        return undefined;
      case 'add-nodes':
        return this.#addNodes(Number(first), command.options);
      case 'campaign':
        return this.#input(first, (node) => node.input((raft) => raft.campaign()));
      case 'propose':
        return this.#propose(this.#node(first), words);
      case 'propose-conf-change':
        return this.#proposeChange(this.#node(first), command.options.get('transition')?.[0], changes);
      case 'tick':
        return this.#tick(this.#node(first), Number(second));
      case 'tick-heartbeat':
        return this.#tick(this.#node(first), 1);
      case 'tick-election':
        return this.#tick(this.#node(first), this.#node(first).electionTicks);
      case 'set-randomized-election-timeout':
        return this.#drawTimeout(this.#node(first), Number(command.options.get('timeout')?.[0]));
      case 'transfer-leadership':
        return this.#transfer(command.options);
      case 'forget-leader':
        return this.#input(first, (node) => node.input((raft) => raft.forgetLeader()));
      case 'report-unreachable':
        return this.#input(first, (node) => node.input((raft) => raft.reportUnreachable(nodeId(second))));
      case 'send-snapshot':
        return this.#sendSnapshot(this.#node(first), nodeId(second));
      case 'compact':
        this.#node(first).log.compact(Number(second));
        return this.#showLog(this.#node(first));
      case 'process-ready':
        return this.#each(command.values, 'handling Ready', (node) => this.#processReady(node));
      case 'process-append-thread':
        return this.#each(command.values, 'processing append thread', (node) => this.#processAppend(node));
      case 'process-apply-thread':
        return this.#each(command.values, 'processing apply thread', (node) => this.#processApply(node));
      case 'deliver-msgs':
        return this.#deliverCommand(command);
      case 'stabilize':
        return this.#stabilizeCommand(command);
      case 'raft-log':
        return this.#showLog(this.#node(first));
      case 'raft-state':
        return this.#showRoles();
      case 'status':
        return this.#showStatus(this.#node(first));
      default:
        throw new Error(`no command: ${command.name}`);
    }
  }

  #node(name: string): InteractionNode {
    const node = this.#nodes.find(({ id }) => id === name);
    if (!node) throw new Error(`no node: ${name}`);
    return node;
  }

  #input(name: string, act: (node: InteractionNode) => void): undefined {
    act(this.#node(name));
  }

  #addNodes(count: number, options: Command['options']): undefined {
    for (let added = 0; added < count; added++) {
      const id = nodeId(String(this.#nodes.length + 1));
      this.#nodes.push(new InteractionNode(id, nodeOptionsOf(options), (line) => this.#say(line)));
    }
  }

  #propose(node: InteractionNode, words: string): string | undefined {
    const result = node.input((raft) => raft.propose([new TextEncoder().encode(words)]));
    return result.ok || result.reason === 'Forwarded' ? undefined : 'raft proposal dropped';
  }

  #proposeChange(
    node: InteractionNode,
    transition: string | undefined,
    changes: readonly string[],
  ): string | undefined {
    return node.proposeChange(readChange(transition, changes));
  }

  #tick(node: InteractionNode, times: number): undefined {
    for (let tick = 0; tick < times; tick++) node.input((raft) => raft.tick());
  }

  /** Only where a wait has just begun: it begins anew. */
  #drawTimeout(node: InteractionNode, ticks: number): undefined {
    node.draw = (ticks - node.electionTicks) / node.electionTicks;
    node.input((raft) => raft.paused());
  }

  #transfer(options: Command['options']): string | undefined {
    const [from = ''] = options.get('from') ?? [];
    const [to = ''] = options.get('to') ?? [];
    const act = (node: InteractionNode): TransferResult =>
      node.input((raft) => raft.transferLeadership(nodeId(to)));
    const result = act(this.#node(from));
    return result.ok ? undefined : result.reason;
  }

  #sendSnapshot(node: InteractionNode, to: NodeId): undefined {
    const snapshot = node.log.snapshot();
    if (!snapshot) throw new Error(`${node.id} has no snapshot`);
    const { configuration, index: at, term } = snapshot;
    const message: Message = {
      kind: 'install-snapshot-request',
      from: node.id,
      to,
      term: node.raft.status().term,
      snapshot: { index: at, term, configuration },
    };
    this.#say(describeMessage(message));
    this.#post(message);
  }

  #post(message: Message): void {
    const { to } = message;
    // Who is no node yet, hears it later, if at all.
    const deliver = (): void => this.#node(to).input((raft) => raft.step(message));
    this.#flight.push({ to, message, deliver });
  }

  #each(names: readonly string[], what: string, act: (node: InteractionNode) => void): undefined {
    for (const name of names) {
      if (names.length > 1) this.#say(`> ${name} ${what}`);
      act(this.#node(name));
    }
  }

  #processReady(node: InteractionNode): void {
    for (const message of node.processReady()) this.#post(message);
  }

  #processAppend(node: InteractionNode): void {
    const work = node.processAppend();
    if (!work) return;
    for (const response of work.responses) this.#post(response);
    const deliver = (): void => node.input((raft) => raft.step(work.reply));
    this.#flight.push({ to: node.id, deliver });
  }

  #processApply(node: InteractionNode): void {
    const work = node.processApply();
    if (!work) return;
    // All of it counts from the reply on; what is a snapshot until then, nobody asks.
    const deliver = (): void => node.applyThrough(work);
    this.#flight.push({ to: node.id, deliver });
  }

  #deliverCommand({ options, values }: Command): undefined {
    const [kind] = options.get('type') ?? [];
    for (const name of values) this.#deliver(name, kind);
    for (const name of options.get('drop') ?? []) {
      const dropped = this.#take(name, kind).filter(({ message }) => message);
      for (const { message } of dropped) if (message) this.#say(`dropped: ${describeMessage(message)}`);
    }
  }

  #deliver(name: string, kind?: string): void {
    for (const { deliver, message } of this.#take(name, kind)) {
      if (message) this.#say(describeMessage(message));
      deliver();
    }
  }

  #take(name: string, kind: string | undefined): readonly Delivery[] {
    const matches = ({ message, to }: Delivery): boolean =>
      to === name && (kind === undefined || (message !== undefined && kindName(message) === kind));
    const taken = this.#flight.filter(matches);
    this.#flight = this.#flight.filter((each) => !matches(each));
    return taken;
  }

  #stabilizeCommand({ options, values }: Command): undefined {
    const wasQuiet = this.#isQuiet;
    if (options.get('log-level')?.[0] === 'none') this.#isQuiet = true;
    const nodes = values.length === 0 ? this.#nodes : values.map((name) => this.#node(name));
    for (let rounds = 0; this.#stabilizeOnce(nodes); rounds++) {
      if (rounds > 1000) throw new Error('it never comes to rest');
    }
    this.#isQuiet = wasQuiet;
  }

  /** One round in etcd's order. @returns Whether anything happened. */
  #stabilizeOnce(nodes: readonly InteractionNode[]): boolean {
    const work: readonly [string, (node: InteractionNode) => boolean, (node: InteractionNode) => void][] = [
      ['handling Ready', (node) => node.hasReady, (node) => this.#processReady(node)],
      [
        'receiving messages',
        ({ id }) => this.#flight.some(({ to }) => to === id),
        ({ id }) => this.#deliver(id),
      ],
      [
        'processing append thread',
        (node) => node.appendWork.length > 0,
        (node) => this.#processAppends(node),
      ],
      ['processing apply thread', (node) => node.applyWork.length > 0, (node) => this.#processApply(node)],
    ];
    let happened = false;
    for (const [what, isDue, act] of work) {
      for (const node of nodes.filter(isDue)) {
        this.#say(`> ${node.id} ${what}`);
        act(node);
        happened = true;
      }
    }
    return happened;
  }

  #processAppends(node: InteractionNode): void {
    while (node.appendWork.length > 0) this.#processAppend(node);
  }

  #showLog(node: InteractionNode): undefined {
    const { log } = node;
    if (log.lastIndex() < log.firstIndex()) {
      this.#say(`log is empty: first index=${log.firstIndex()}, last index=${log.lastIndex()}`);
    }
    const entries = log.entries(log.firstIndex(), index(log.lastIndex() + 1), Number.POSITIVE_INFINITY);
    for (const entry of entries) this.#say(describeEntry(entry));
  }

  #showRoles(): undefined {
    for (const { id, raft } of this.#nodes) {
      const { configuration, leader, role, term } = raft.status();
      const isVoter = [...configuration.voters, ...configuration.votersOutgoing].includes(id);
      const voter = isVoter ? 'Voter' : 'Non-Voter';
      this.#say(`${id}: ${roleName(role)} (${voter}) Term:${term} Lead:${nodeName(leader)}`);
    }
  }

  #showStatus({ maxInflight, raft }: InteractionNode): undefined {
    const peers = raft.status().progress.toSorted((left, right) => (left.id < right.id ? -1 : 1));
    for (const peer of peers) this.#say(describeProgress(peer, maxInflight));
  }
}
