/** The highest log index that an answer or event has shown to this client: its session reads are never older. */
export class SeenIndex {
  #value = 0;

  get value(): number {
    return this.#value;
  }

  note(index: number): void {
    if (index > this.#value) this.#value = index;
  }
}
