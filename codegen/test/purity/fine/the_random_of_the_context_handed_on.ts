import { cmd, StateMachine } from 'decoraft';

export class FineRandom3 extends StateMachine {
  private cards = [1, 2, 3];

  @cmd shuffle(): void {
    this.cards = shuffled(this.cards, this.context.random);
  }
}

function shuffled<Card>(cards: readonly Card[], random: () => number): Card[] {
  return cards
    .map((card) => ({ card, place: random() }))
    .toSorted((left, right) => left.place - right.place)
    .map(({ card }) => card);
}
