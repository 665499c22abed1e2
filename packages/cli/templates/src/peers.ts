/** Where the nodes listen, by their ids: the same on all of them, and what clients connect to. */
export const peers = {
  a: '127.0.0.1:2101',
  b: '127.0.0.1:2102',
  c: '127.0.0.1:2103',
};
