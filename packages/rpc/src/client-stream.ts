import type { CodedError } from '@decoraft/base';
import { ClientRequest } from './client-request.js';
import { ItemInbox, type ItemInboxPort } from './item-inbox.js';

/** A stream on its way: its items are read from `inbox`. */
export class ClientStream extends ClientRequest {
  readonly inbox: ItemInbox;

  constructor(deadlineMs: number, windowBytes: number, port: ItemInboxPort) {
    super(deadlineMs);
    this.inbox = new ItemInbox(windowBytes, port);
  }

  override get isStream(): boolean {
    return true;
  }

  reply(): boolean {
    return false;
  }

  item(payload: Uint8Array): boolean {
    return this.inbox.item(payload);
  }

  end(): boolean {
    this.inbox.end();
    return true;
  }

  fail(error: CodedError): void {
    this.inbox.fail(error);
  }
}
