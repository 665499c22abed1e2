import {
  type CallOptions,
  type Cluster,
  MachineClient,
  type Subscription,
  type Unsubscribe,
} from 'decoraft/client';
export class KeyValueClient extends MachineClient {
  constructor(cluster: Cluster, name: string, options?: CallOptions) {
    super(cluster, name, options);
  }
  with(options: CallOptions): KeyValueClient {
    return new KeyValueClient(this.cluster, this.machineName, { ...this.options, ...options });
  }
  set(key: string, value: string): Promise<string | undefined> {
    return this.command(2594095023, 'set', [key, value]);
  }
  get(key: string): Promise<string | undefined> {
    return this.query(IDS.get, 'get', [key]);
  }
  size(): Promise<number> {
    return this.query(IDS.size, 'size', []);
  }
  onInserted(): Subscription<{ key: string; value: string }>;
  onInserted(listener: (value: { key: string; value: string }) => void): Promise<Unsubscribe>;
  onInserted(
    listener?: (value: { key: string; value: string }) => void,
  ): Subscription<{ key: string; value: string }> | Promise<Unsubscribe> {
    return this.subscribe(IDS.onInserted, 'onInserted', [], listener);
  }
}
const IDS = {
  set: 2594095023,
  get: 2460719322,
  size: 1868026602,
  onInserted: 3575624026,
  onKeyInserted: 2630008502,
};
