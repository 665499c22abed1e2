export const settings = { limit: 10 };

export function setLimit(limit: number): void {
  settings.limit = limit;
}
