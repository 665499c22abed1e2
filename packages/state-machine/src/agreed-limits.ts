import { type ConfigureProposal, DEFAULT_GROUP_LIMITS, type GroupLimits } from '@decoraft/protocol';

/** The limits that the group has agreed on. Part of the replicated state: only `apply` changes them. */
export class AgreedLimits {
  #agreed: Partial<GroupLimits> | undefined;
  #current: GroupLimits = DEFAULT_GROUP_LIMITS;

  /** All of them: what was not agreed on is as `DEFAULT_GROUP_LIMITS` says. */
  get current(): GroupLimits {
    return this.#current;
  }

  /** What was agreed on; `undefined` when nothing ever was. */
  get agreed(): Partial<GroupLimits> | undefined {
    return this.#agreed;
  }

  /** What is there already stays, however much it is; only what is new is measured by the new limits. */
  configure({ limits, onlyFirst }: ConfigureProposal): void {
    if (onlyFirst && this.#agreed) return;
    this.restore({ ...this.#agreed, ...limits });
  }

  /** Takes the place of what is here. */
  restore(agreed: Partial<GroupLimits> | undefined): void {
    this.#agreed = agreed;
    this.#current = { ...DEFAULT_GROUP_LIMITS, ...agreed };
  }
}
