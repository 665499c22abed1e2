import { silentLogger } from '@decoraft/base';
import { type Dialer, type Listener, memoryNetwork } from '../../src/index.js';
import { nearListener } from '../../src/server/near-listener.js';
import { webSocketListener } from '../../src/server/websocket-listener.js';
import { webSocketDialer } from '../../src/websocket-dialer.js';

export interface Transport {
  readonly dialer: Dialer;
  readonly listener: Listener;
}

/** All transports; whatever holds of one must hold of the others. */
export const transports: readonly { readonly name: string; readonly create: () => Transport }[] = [
  {
    name: 'in memory',
    create() {
      const network = memoryNetwork();
      return { dialer: network, listener: network };
    },
  },
  {
    name: 'over WebSockets',
    create: () => ({
      dialer: webSocketDialer({ shortcut: false }),
      listener: webSocketListener({ origins: [], logger: silentLogger }),
    }),
  },
  {
    name: 'by the shortcut',
    create: () => ({
      dialer: webSocketDialer(),
      listener: nearListener(webSocketListener({ origins: [], logger: silentLogger })),
    }),
  },
];
