import type { SessionId, SubscriptionId } from '@decoraft/protocol';

/** What an entry did that somebody who delivers events has to know. The same on every replica. */
export type News =
  /** The topic of this key has more events than before. */
  | { readonly kind: 'events'; readonly key: string }
  /** It is no more: `Subscriptions.ended` may know why. */
  | {
      readonly kind: 'subscription-over';
      readonly session: SessionId;
      readonly subscription: SubscriptionId;
    }
  | { readonly kind: 'session-over'; readonly session: SessionId };
