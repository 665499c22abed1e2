import type { AgreedMachine, MachineId } from '@decoraft/protocol';
import type { MachineOffers, OwnOffer } from './machine-offers.js';

/** What is left to be agreed on about one machine, for people. */
export interface WaitingMachine {
  /** The name under which it is registered. */
  readonly machine: string;
  /** The version that waits; it may be the one that is agreed on, with another table. */
  readonly version: number;
  /** The members that cannot run it, or cannot be asked. */
  readonly members: readonly string[];
}

export interface NextVersions {
  /** What all members can run. */
  readonly machines: readonly AgreedMachine[];
  readonly waiting: readonly WaitingMachine[];
}

/** A machine as the group has agreed on it, by the hash of its table. */
export interface AgreedVersion {
  readonly version: number;
  readonly table: string;
}

/**
 * Which versions a group can go over to: of every machine the highest one that all members can run with the same table,
 * and that is not behind the one that they have.
 *
 * @param own Of the leader, oldest first.
 * @param others What the other members have said; `undefined` of one that could not be asked.
 * @param failed Versions whose migration failed before: they are not tried again.
 */
export function nextVersions(
  own: readonly OwnOffer[],
  agreed: (machine: MachineId) => AgreedVersion | undefined,
  others: ReadonlyMap<string, MachineOffers | undefined>,
  failed: (offer: OwnOffer) => boolean = () => false,
): NextVersions {
  const machines: AgreedMachine[] = [];
  const waiting: WaitingMachine[] = [];
  for (const machine of new Set(own.map((offer) => offer.machine))) {
    const now = agreed(machine);
    const newer = own
      .filter((offer) => offer.machine === machine && isNew(offer, now) && !failed(offer))
      .toReversed();
    const [newest] = newer;
    if (!newest) continue;
    const lacking = lackingOf(newest, others);
    if (lacking.length > 0) {
      waiting.push({ machine: newest.agreed.name, version: newest.version, members: lacking });
    }
    const next = newer.find((offer) => lackingOf(offer, others).length === 0);
    if (next) machines.push(next.agreed);
  }
  return { machines, waiting };
}

/** Whether any machine has a version or a table that is not agreed on. */
export function isOutstanding(
  own: readonly OwnOffer[],
  agreed: (machine: MachineId) => AgreedVersion | undefined,
  failed: (offer: OwnOffer) => boolean = () => false,
): boolean {
  return nextVersions(own, agreed, new Map(), failed).machines.length > 0;
}

function isNew(offer: OwnOffer, now: AgreedVersion | undefined): boolean {
  if (!now || offer.version > now.version) return true;
  return offer.version === now.version && offer.table !== now.table;
}

function lackingOf(
  offer: OwnOffer,
  others: ReadonlyMap<string, MachineOffers | undefined>,
): readonly string[] {
  return [...others].filter(([, other]) => !other || !hasOffer(other, offer)).map(([id]) => id);
}

function hasOffer({ offers }: MachineOffers, { machine, table, version }: OwnOffer): boolean {
  return offers.some((one) => one.machine === machine && one.version === version && one.table === table);
}
