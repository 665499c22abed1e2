/** What the leader says to a beat, all of it true after the beat was sent. */
export type BeatAnswer =
  /** It was heard: nobody takes the member offline until its timeout has passed from the sending on. */
  | {
      readonly kind: 'heard';
      readonly version: number;
      /** Since which version it is online: a later one than it knew says that it was offline in between. */
      readonly onlineVersion: number;
      /** The address of the node that leads. */
      readonly leader: string;
    }
  /** Another life of the member has begun. */
  | { readonly kind: 'replaced'; readonly version: number }
  /** There is no such member: it has left, or was removed. */
  | { readonly kind: 'gone'; readonly version: number };
