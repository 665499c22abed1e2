const BAR_WIDTH = 24;

/** How much of `total` is done, as a picture; of nothing, all of it. */
export function progressBar(done: number, total: number): string {
  const filled = total === 0 ? BAR_WIDTH : Math.min(BAR_WIDTH, Math.round((BAR_WIDTH * done) / total));
  return `[${'='.repeat(filled).padEnd(BAR_WIDTH)}]`;
}
