import { type Dialer, webSocketDialer } from '@decoraft/rpc';
import type { Ways } from './names.js';

/** Connects where `ways` say, whatever address it is given: everybody knows the nodes by the same addresses. */
export function rewired(ways: Ways): Dialer {
  const dialer = webSocketDialer();
  return {
    dial: (address, events, options) => {
      const way = ways[address];
      if (way === undefined) throw new Error(`no way leads to ${address}`);
      return dialer.dial(way, events, options);
    },
  };
}
