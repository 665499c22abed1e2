/** Runs it once; what comes of it, given or thrown, comes again whenever it is asked for. */
export function settle<Result>(run: () => Result): () => Result {
  try {
    const result = run();
    return () => result;
  } catch (thrown) {
    return () => {
      throw thrown;
    };
  }
}
