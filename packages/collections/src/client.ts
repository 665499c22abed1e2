/** # Collections for clients: the same in Node and in a browser. */
export type { Data } from './data.js';
export { CounterClient } from './generated/counter.client.js';
export { ValueClient, type ValueState } from './value.js';
