import type { StatusChange } from './connection-status.js';
import type { SessionExpired } from './session-keeper.js';

/** What happens to a connection, as events on it: `cluster.on('statusChanged', …)`. */
export interface ClusterEvents {
  /** See `ConnectionStatus`. */
  statusChanged: (change: StatusChange) => void;
  /** The cluster has ended this client's session, because it was cut off for too long; see `onSessionExpired` of `connect`. */
  sessionExpired: (event: SessionExpired) => void;
  /** An answer told of another leader: its address, and that of the one before, where one was known. */
  leaderChanged: (change: { readonly address: string; readonly previous: string | undefined }) => void;
}
