import { ByteReader, ByteWriter, wideHash } from '@decoraft/base';
import { type AgreedMachine, type MachineId, type OperationTable, tableText } from '@decoraft/protocol';
import type { Replica } from '@decoraft/state-machine';

/** One version of a machine that a server can run. */
export interface MachineOffer {
  readonly machine: MachineId;
  readonly version: number;
  /** Of the table's text: servers with equal ones check calls alike. */
  readonly table: string;
}

/** What a server can run, and who it is. */
export interface MachineOffers {
  readonly id: string;
  readonly offers: readonly MachineOffer[];
}

/** An own one, with what is proposed of it. */
export interface OwnOffer extends MachineOffer {
  readonly agreed: AgreedMachine;
}

const texts = new WeakMap<OperationTable, { readonly text: string; readonly hash: string }>();

/** All versions of all machines that this server can run; of a machine, the oldest comes first. */
export function ownOffers({ machines }: Replica): readonly OwnOffer[] {
  return Array.from(machines.runnable(), ({ id: machine, name, table, version }) => {
    const { hash, text } = textOf(table);
    return { machine, version, table: hash, agreed: { machine, name, version, table: text } };
  });
}

export const hashOfTable = (text: string): string => wideHash(new TextEncoder().encode(text));

function textOf(table: OperationTable): { readonly text: string; readonly hash: string } {
  const known = texts.get(table);
  if (known) return known;
  const text = tableText(table);
  const made = { text, hash: hashOfTable(text) };
  texts.set(table, made);
  return made;
}

export function encodeOffers({ id, offers }: MachineOffers): Uint8Array {
  const writer = new ByteWriter(256).text(id).u32(offers.length);
  for (const { machine, table, version } of offers) writer.u32(machine).u32(version).text(table);
  return writer.finish();
}

/** @throws CodedError `InvalidArgument` for anything else. */
export function decodeOffers(bytes: Uint8Array): MachineOffers {
  const reader = new ByteReader(bytes);
  const id = reader.text();
  const offers: MachineOffer[] = [];
  for (let left = reader.u32(); left > 0; left--) {
    offers.push({ machine: reader.u32() as MachineId, version: reader.u32(), table: reader.text() });
  }
  reader.end();
  return { id, offers };
}
