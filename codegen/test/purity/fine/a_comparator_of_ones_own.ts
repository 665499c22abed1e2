import { cmd, StateMachine } from 'decoraft';
import { by } from './a_comparator_of_ones_own.helper.js';

interface Item {
  readonly name: string;
  readonly size: number;
}

export class FineQuery7 extends StateMachine {
  private items: Item[] = [];

  @cmd add(item: Item): void {
    this.items = [...this.items, item].toSorted(by('size'));
  }
}
