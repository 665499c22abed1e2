import type { Applied, Effect } from './applied.js';
import type { News } from './news.js';

/** What one entry has to say beside its outcome, gathered while it is applied. Most have nothing. */
export class Consequences {
  #effects: readonly Effect[] = [];
  #news: News[] = [];

  /** Another entry begins. */
  reset(): void {
    if (this.#effects.length > 0) this.#effects = [];
    if (this.#news.length > 0) this.#news = [];
  }

  follow(effects: readonly Effect[]): void {
    if (effects.length > 0) this.#effects = [...this.#effects, ...effects];
  }

  tell(news: readonly News[]): void {
    for (const one of news) {
      // A command that notifies many times of one thing has one piece of news.
      const last = this.#news.at(-1);
      const isKnown = one.kind === 'events' && last?.kind === 'events' && last.key === one.key;
      if (!isKnown) this.#news.push(one);
    }
  }

  of(applied: Applied): Applied {
    if (this.#effects.length === 0 && this.#news.length === 0) return applied;
    return {
      ...applied,
      ...(this.#effects.length > 0 && { effects: this.#effects }),
      ...(this.#news.length > 0 && { news: this.#news }),
    };
  }
}
