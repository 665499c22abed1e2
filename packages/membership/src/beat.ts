import type { Life } from './records.js';

/** The methods of the heartbeat service. */
export const BEAT_METHOD = {
  /** A beat for whoever leads; who does not passes it on, once. */
  beat: 'beat',
  /** A beat for this node; who does not lead says `NotLeader`. */
  beatHere: 'beatHere',
} as const;

/** A sign of life of a member. */
export type Beat = Life;

/** What the leader says to it, all of it true after the beat was sent. */
export type BeatAnswer =
  /** It was heard: nobody takes the member offline until its timeout has passed from the sending on. */
  | {
      readonly kind: 'heard';
      readonly version: number;
      /** Since which version it is online: a later one than it knew says that it was offline in between. */
      readonly onlineVersion: number;
      readonly leader: string;
    }
  /** Another life of the member has begun, with another incarnation. */
  | { readonly kind: 'replaced'; readonly version: number; readonly incarnation: number }
  /** There is no such member: it has left, or was removed. */
  | { readonly kind: 'gone'; readonly version: number };
