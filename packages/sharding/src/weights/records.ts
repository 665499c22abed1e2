/** What one member weighs. */
export interface WeightRecord {
  readonly id: string;
  readonly weight: number;
}

/** All weights that were set, at one version. Who is not among them weighs 1. */
export interface WeightsView {
  /** Counts the changes; 0 before the first. */
  readonly version: number;
  /** In the order of their ids. */
  readonly weights: readonly WeightRecord[];
}

/** The ids with what they weigh. */
export function weighted(ids: readonly string[], view: WeightsView | undefined): readonly WeightRecord[] {
  const weights = new Map(view?.weights.map(({ id, weight }) => [id, weight]));
  return ids.map((id) => ({ id, weight: weights.get(id) ?? 1 }));
}
