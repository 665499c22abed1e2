import { stableHash } from '@decoraft/base';
import type { MemberModel } from './model.js';

/** The name that an operation had first: the one that its decorator says it was, else its own. */
export function firstNameOf({ decorators, name }: MemberModel): string {
  const was = decorators[0]?.was;
  return was?.kind === 'given' ? was.value : name;
}

/** By which logs, snapshots and clients know an operation, whatever it is called today. */
export function idOf(member: MemberModel): number {
  return stableHash(firstNameOf(member));
}

/** Whether it is only there for what stands in old logs. */
export function isRetired({ decorators }: MemberModel): boolean {
  const retired = decorators[0]?.retired;
  return retired?.kind === 'given' && retired.value;
}
