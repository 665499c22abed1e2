import { silentLogger } from '@decoraft/base';
import { type Dialer, type Listener, memoryNetwork } from '../../src/index.js';
import { webSocketListener } from '../../src/server/websocket-listener.js';
import { webSocketDialer } from '../../src/websocket-dialer.js';

export interface Transport {
  readonly dialer: Dialer;
  readonly listener: Listener;
}

/** Both transports; whatever holds of one must hold of the other. */
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
      dialer: webSocketDialer(),
      listener: webSocketListener({ origins: [], logger: silentLogger }),
    }),
  },
];
