/** Typed listeners by name: what objects are built on that tell what happens to them. */
export { EventEmitter } from 'eventemitter3';
