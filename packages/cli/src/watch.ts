import { messageOf, systemClock, type Timer } from '@decoraft/base';
import { type Generator, writeFiles } from '@decoraft/codegen';
import { reportProblems, reportWritten } from './report.js';
import type { Terminal } from './terminal.js';
import { TreeWatcher } from './tree-watcher.js';

/** Editors write a file in several steps; what comes within this time is one change. */
const DEBOUNCE_MS = 40;

/** Generates now, and again after every change below `root` or of a file that was read, until interrupted. */
export async function watch(generator: Generator, root: string, terminal: Terminal): Promise<void> {
  let timer: Timer | undefined;
  const watcher = new TreeWatcher({
    changed: () => {
      timer?.cancel();
      timer = systemClock.after(DEBOUNCE_MS, generateOnce);
    },
    failed: (error) => terminal.printError(`watching: ${messageOf(error)}`),
  });
  const generateOnce = (): void => {
    try {
      const result = generator.generate();
      watcher.ignore(result.files.map(({ path }) => path));
      watcher.watchFiles(result.inputs);
      if (!reportProblems(result, terminal)) reportWritten(result, writeFiles(result), terminal);
    } catch (error) {
      // Whatever it was, the next change may set it right.
      terminal.printError(`generate: ${messageOf(error)}`);
    }
  };
  watcher.watchTree(root);
  generateOnce();
  terminal.print('Watching for changes; Ctrl+C ends.');
  await terminal.untilInterrupted();
  timer?.cancel();
  watcher.close();
}
