const LOOK_MS = 1_000;

/** Ends this process when the one that started it is gone: nothing stays behind a test that was killed. */
export function endWithParent(): void {
  const parent = process.ppid;
  const look = (): void => {
    if (process.ppid !== parent) process.exit(1);
  };
  setInterval(look, LOOK_MS).unref();
}
