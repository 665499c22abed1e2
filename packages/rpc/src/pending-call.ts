import type { CodedError } from '@decoraft/base';
import { ClientRequest } from './client-request.js';

/** A unary call on its way. */
export class PendingCall extends ClientRequest {
  readonly #resolve: (payload: Uint8Array) => void;
  readonly #reject: (error: CodedError) => void;

  constructor(
    deadlineMs: number,
    resolve: (payload: Uint8Array) => void,
    reject: (error: CodedError) => void,
  ) {
    super(deadlineMs);
    this.#resolve = resolve;
    this.#reject = reject;
  }

  reply(payload: Uint8Array): boolean {
    this.#resolve(payload);
    return true;
  }

  item(): boolean {
    return false;
  }

  end(): boolean {
    return false;
  }

  fail(error: CodedError): void {
    this.#reject(error);
  }
}
