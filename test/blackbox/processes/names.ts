/** The name under which every node registers its journal. */
export const JOURNAL = 'journal';

/** By the address of a node: that of the proxy through which it is to be reached. */
export type Ways = Readonly<Record<string, string>>;

/** What a node tells about itself, beside its machine. */
export interface NodeProbe {
  readonly applied: number;
  readonly hash: string;
  readonly term: number;
  /** The last index that its newest snapshot covers. */
  readonly snapshot: number;
  readonly residentBytes: number;
}
