export function measure(run: () => void): void {
  // decoraft-allow impure-clock: the time is thrown away
  const before = performance.now();
  run();
  if (performance.now() < before) throw new Error('no'); // decoraft-allow impure-clock: never true
}
