import type { Service } from '@decoraft/rpc';
import type { StateMachine } from '@decoraft/state-machine';

/** What a membership needs of the server on which it is kept: an `RpcServer`. */
export interface HostServer {
  /** Where it listens, and can be reached by itself. */
  readonly address: string;
  register(name: string, service: Service): void;
  unregister(name: string): void;
}

/** What it needs of the Raft group in which it is kept: a `RaftService`. */
export interface HostRaft {
  readonly group: string;
  /** Whether this node leads, as far as it knows. */
  readonly isLeader: boolean;
  readonly term: number;
  /** The id of the leader, while one is known. */
  readonly leader: string | undefined;
  readonly members: readonly { readonly id: string; readonly address: string }[];
  register(name: string, machine: StateMachine): void;
  /**
   * Resolves, with the term, when this node was the leader at some time after the call, and has applied all that was
   * committed before it. Rejects with `NotLeader` and others.
   */
  confirmLeadership(): Promise<number>;
}
