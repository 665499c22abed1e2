import { MemoryHost } from '../memory-connection.js';
import { announce } from '../shortcut.js';
import type { Listener, Listening } from '../transport.js';

/**
 * Listens as `listener` does, and is reached without a socket by callers of the same process, who come in by the same door:
 * the same frames and limits, and copies of what they send.
 */
export function nearListener(listener: Listener): Listener {
  return {
    async listen(given, accept, limits): Promise<Listening> {
      const listening = await listener.listen(given, accept, limits);
      const near = new MemoryHost(accept, 'in-process');
      const withdraw = announce(listening.address, near);
      return {
        address: listening.address,
        async close() {
          withdraw();
          await Promise.all([listening.close(), near.emptied()]);
        },
      };
    },
  };
}
