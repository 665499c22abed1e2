import { DEFAULT_GROUP, GROUP_METHOD, groupServiceName } from '@decoraft/protocol';
import { BEATS_METHOD, decodeGroupMessages, decodeMessage, SERVER_BEATS } from '@decoraft/host';
import type { Message } from '@decoraft/raft';
import { methodId, readFrames, serviceId } from '@decoraft/rpc';

const SERVICE = serviceId(groupServiceName(DEFAULT_GROUP));
const STEP = methodId(GROUP_METHOD.step);
const BEATS = serviceId(SERVER_BEATS);
const MESSAGES = methodId(BEATS_METHOD.messages);

/** Gives the messages of Raft in a message of RPC to `hear`. What else is in it is nobody's business here. */
export function tapRaft(bytes: Uint8Array, hear: (message: Message) => void): void {
  readFrames(bytes, (frame) => {
    if (frame.kind === 'send' && frame.service === SERVICE && frame.method === STEP) {
      hear(decodeMessage(frame.payload).message);
    }
    if (frame.kind === 'send' && frame.service === BEATS && frame.method === MESSAGES) {
      for (const { payload, service } of decodeGroupMessages(frame.payload)) {
        if (service === SERVICE) hear(decodeMessage(payload).message);
      }
    }
    return true;
  });
}
