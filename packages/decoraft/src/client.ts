/** # Decoraft for clients: the same in Node and in a browser. */
export * from '@decoraft/client';
export * from '@decoraft/service/client';
export { onAbort } from '@decoraft/base';
export {
  type Consistency,
  DecoraftError,
  type ErrorCode,
  NEXT_STEP,
  type NextStep,
  type SessionId,
} from '@decoraft/protocol';
