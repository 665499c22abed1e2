import { cmd, StateMachine } from 'decoraft';

export class FineIo1 extends StateMachine {
  private pages = new Map<string, string>();

  @cmd load(url: string): string {
    const fetch = (key: string): string => this.pages.get(key) ?? '';
    return fetch(url);
  }
}
