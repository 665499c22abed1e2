/** # Decoraft for nodes: start one the short way, or put one together from its parts. */
export { DecoraftError, type ErrorCode, NEXT_STEP, type NextStep } from '@decoraft/protocol';
export * from '@decoraft/server';
