/** Typed listeners by name: what objects are built on that tell what happens to them. */
export { EventEmitter } from 'eventemitter3';

/** Tells listeners. An error that one throws is its owner's: it surfaces as an uncaught error and disturbs nothing here. */
export function tell(emit: () => void): void {
  try {
    emit();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
