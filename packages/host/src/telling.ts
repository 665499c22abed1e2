import { ByteReader, ByteWriter } from '@decoraft/base';
import {
  DecoraftError,
  decodeProposal,
  encodeProposal,
  GROUP_METHOD,
  type StateHashesProposal,
} from '@decoraft/protocol';
import { methodId } from '@decoraft/rpc';
import type { Channels } from './ports.js';

const TELL = methodId(GROUP_METHOD.stateHashes);

/** What a server tells the leader of its state, and who it is. */
export interface Telling {
  /** See `AddressedMessage.cluster`. */
  readonly cluster: number;
  /** See `AddressedMessage.disk`. */
  readonly disk: number;
  readonly proposal: StateHashesProposal;
}

export interface Leader {
  readonly address: string;
  readonly service: number;
  readonly channels: Channels;
  readonly timeoutMs: number;
}

/** Resolves when the leader has it applied; rejects with what it answers, or when it does not. */
export async function tellLeader(telling: Telling, leader: Leader): Promise<void> {
  const { address, channels, service, timeoutMs } = leader;
  const channel = await channels.channel(address);
  await channel.call(service, TELL, encodeTelling(telling), { timeoutMs });
}

export function encodeTelling({ cluster, disk, proposal }: Telling): Uint8Array {
  return new ByteWriter(256).u32(cluster).u32(disk).raw(encodeProposal(proposal)).finish();
}

/** @throws CodedError `InvalidArgument` for anything else. */
export function decodeTelling(bytes: Uint8Array): Telling {
  const reader = new ByteReader(bytes);
  const sender = { cluster: reader.u32(), disk: reader.u32() };
  const proposal = decodeProposal(reader.rest());
  if (proposal.kind === 'state-hashes') return { ...sender, proposal };
  throw new DecoraftError('InvalidArgument', `a state was told with a proposal to ${proposal.kind}`);
}
