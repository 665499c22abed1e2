const SAMPLE_MS = 5;

/** How much more memory this process has held at once than when it was last asked. */
export class MemoryPeak {
  #startBytes = process.memoryUsage.rss();
  #peakBytes = this.#startBytes;

  constructor() {
    setInterval(() => {
      this.#peakBytes = Math.max(this.#peakBytes, process.memoryUsage.rss());
    }, SAMPLE_MS).unref();
  }

  /** In bytes; begins anew from what is held now. */
  take(): number {
    const grownBytes = this.#peakBytes - this.#startBytes;
    this.#startBytes = process.memoryUsage.rss();
    this.#peakBytes = this.#startBytes;
    return grownBytes;
  }
}
