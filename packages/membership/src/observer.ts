import { createDeferred, type Deferred, Follower, onAbort } from '@decoraft/base';
import type { Cluster } from '@decoraft/client';
import { DecoraftError } from '@decoraft/protocol';
import { ChangeLoop } from './change-loop.js';
import { ChangeListeners, type Listener, type Stop } from './change-listeners.js';
import { REGISTRY } from './names.js';
import type {
  GroupChange,
  GroupLeaderChange,
  GroupMemberChange,
  GroupRecord,
  MemberChange,
  MemberRecord,
  MembershipChange,
  MembershipChanges,
  MembershipView,
} from './records.js';
import { MemberRegistryClient } from './registry/generated/member-registry.client.js';
import { applyChange, createState, resetState, viewOf } from './registry/state.js';

/**
 * The whole membership, kept up to date in this process. What it shows is always one version, behind some command and
 * never in the midst of one; listeners hear every change once, in the order of the versions. A listener may see a view
 * that is some changes further than the one it is told of. What a listener throws surfaces as an uncaught error.
 */
export class Observer {
  readonly #registry: MemberRegistryClient;
  readonly #state = createState();
  readonly #listeners = new ChangeListeners();
  readonly #loops = new Set<ChangeLoop>();
  #waiting: { readonly version: number; readonly deferred: Deferred<void> }[] = [];
  #follower: Follower<MembershipChanges> | undefined;
  #isClosed = false;

  private constructor(cluster: Cluster) {
    this.#registry = new MemberRegistryClient(cluster, REGISTRY);
  }

  /**
   * Begins to follow the membership; what it shows is there when this resolves.
   *
   * @param cluster From `connect`; it has to stay open. The observer's subscription is one of its session's.
   * @throws DecoraftError `NotFound` when the nodes keep no membership; what every query and subscription throws.
   */
  static async open(cluster: Cluster): Promise<Observer> {
    const observer = new Observer(cluster);
    observer.#follower = await Follower.open({
      subscribe: () => observer.#registry.onChanges(),
      look: () => observer.#look(),
      take: (changes) => observer.#take(changes),
      cancelled: () => void observer.close(),
    });
    return observer;
  }

  /** That of the last change that it knows. */
  get version(): number {
    return this.#state.version;
  }

  /** All of it at {@link version}. */
  view(): MembershipView {
    return viewOf(this.#state);
  }

  /** All members, online or not, in the order of their ids. */
  get members(): readonly MemberRecord[] {
    return this.view().members;
  }

  member(id: string): MemberRecord | undefined {
    return this.#state.members.get(id);
  }

  /** In the order of their names. */
  get groups(): readonly GroupRecord[] {
    return this.view().groups;
  }

  group(name: string): GroupRecord | undefined {
    return this.#state.groups.get(name);
  }

  /** The members of a group, online or not, in the order in which they joined it. */
  groupMembers(name: string): readonly MemberRecord[] {
    const { groups, members } = this.#state;
    return (groups.get(name)?.members ?? []).flatMap((id) => members.get(id) ?? []);
  }

  /** Who leads a group; `undefined` while none of its members is online, or there is no such group. */
  groupLeader(name: string): MemberRecord | undefined {
    const { groups, members } = this.#state;
    return members.get(groups.get(name)?.leader ?? '');
  }

  onAnyMemberJoined(listener: Listener<MemberChange>): Stop {
    return this.#listeners.add('member-joined', undefined, listener);
  }

  onAnyMemberLeft(listener: Listener<MemberChange>): Stop {
    return this.#listeners.add('member-left', undefined, listener);
  }

  onAnyMemberOnline(listener: Listener<MemberChange>): Stop {
    return this.#listeners.add('member-online', undefined, listener);
  }

  onAnyMemberOffline(listener: Listener<MemberChange>): Stop {
    return this.#listeners.add('member-offline', undefined, listener);
  }

  onGroupMemberJoined(group: string, listener: Listener<GroupMemberChange>): Stop {
    return this.#listeners.add('group-member-joined', group, listener);
  }

  onGroupMemberLeft(group: string, listener: Listener<GroupMemberChange>): Stop {
    return this.#listeners.add('group-member-left', group, listener);
  }

  onGroupMemberOnline(group: string, listener: Listener<GroupMemberChange>): Stop {
    return this.#listeners.add('group-member-online', group, listener);
  }

  onGroupMemberOffline(group: string, listener: Listener<GroupMemberChange>): Stop {
    return this.#listeners.add('group-member-offline', group, listener);
  }

  onGroupLeaderChanged(group: string, listener: Listener<GroupLeaderChange>): Stop {
    return this.#listeners.add('group-leader-changed', group, listener);
  }

  onAnyGroupCreated(listener: Listener<GroupChange>): Stop {
    return this.#listeners.add('group-created', undefined, listener);
  }

  onAnyGroupDeleted(listener: Listener<GroupChange>): Stop {
    return this.#listeners.add('group-deleted', undefined, listener);
  }

  /** Every change, of any kind. */
  onChange(listener: Listener<MembershipChange>): Stop {
    return this.#listeners.add('any', undefined, listener);
  }

  /**
   * The view has been fetched anew, because the cluster has ended the subscription: what happened since the version
   * `from` was told to nobody. Happens to who falls too far behind, or is cut off until its session ends.
   */
  onReset(listener: (reset: { readonly from: number; readonly view: MembershipView }) => void): Stop {
    return this.#listeners.addReset(listener);
  }

  /**
   * Resolves when the view shows a version, such as that of an answer.
   *
   * @throws DecoraftError `Cancelled` when the observer is closed; the signal's reason.
   */
  reached(version: number, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (this.version >= version) return Promise.resolve();
    if (this.#isClosed) return Promise.reject(closedError());
    const deferred = createDeferred<void>();
    const waiter = { version, deferred };
    this.#waiting.push(waiter);
    const release = onAbort(signal, () => {
      this.#waiting = this.#waiting.filter((other) => other !== waiter);
      deferred.reject(signal?.reason);
    });
    return deferred.promise.finally(release);
  }

  /**
   * The changes from now on, for a loop, each once and in order. Ends when the observer is closed; throws
   * `SubscriptionOverflow` when the loop is more than 10,000 changes late, or the view was fetched anew.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<MembershipChange> {
    const loop = new ChangeLoop(() => this.#loops.delete(loop));
    if (this.#isClosed) loop.end();
    else this.#loops.add(loop);
    return loop;
  }

  /** Follows no more; loops end. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const loop of this.#loops) loop.end();
    for (const { deferred } of this.#waiting.splice(0)) deferred.reject(closedError());
    await this.#follower?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #look(): Promise<void> {
    const view = await this.#registry.view();
    const from = this.version;
    resetState(this.#state, view);
    if (from > 0) this.#reset(from, view);
    this.#tellWaiting();
  }

  #reset(from: number, view: MembershipView): void {
    const words = `the changes from version ${from} to ${view.version} were missed`;
    for (const loop of this.#loops) loop.fail(new DecoraftError('SubscriptionOverflow', words));
    this.#listeners.tellReset({ from, view });
  }

  #take({ changes }: MembershipChanges): void {
    const news = changes.filter(({ version }) => version > this.version);
    const [first] = news;
    if (!first) return;
    if (first.version !== this.version + 1) {
      throw new DecoraftError('Internal', `version ${first.version} came behind ${this.version}`);
    }
    for (const change of news) applyChange(this.#state, change);
    for (const change of news) this.#tell(change);
    this.#tellWaiting();
  }

  #tell(change: MembershipChange): void {
    for (const loop of this.#loops) loop.push(change);
    this.#listeners.tell(change);
  }

  #tellWaiting(): void {
    const { version } = this;
    const reached = this.#waiting.filter((waiter) => waiter.version <= version);
    this.#waiting = this.#waiting.filter((waiter) => waiter.version > version);
    for (const { deferred } of reached) deferred.resolve();
  }
}

function closedError(): DecoraftError {
  return new DecoraftError('Cancelled', 'the observer was closed');
}
