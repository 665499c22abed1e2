export interface SomeClient {
  touch(): Promise<void>;
}
