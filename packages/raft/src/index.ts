export type * from './entry.js';
export * from './ids.js';
export type * from './log-store.js';
export type * from './message.js';
export type * from './ready.js';
