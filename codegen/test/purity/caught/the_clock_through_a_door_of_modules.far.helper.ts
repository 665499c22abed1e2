export namespace clock {
  export const now = (): number => Date.now();
}

export function since(at: number): number {
  return new Date().getTime() - at;
}
