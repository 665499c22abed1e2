/**
 * # The generator in vite
 *
 * `@decoraft/cli/vite`: `plugins: [decoraft()]` in `vite.config.ts`. Generates when vite starts, and while it serves after every change of what
 * was read; problems stand in the terminal and over the page, with file, line and column, and end a build.
 *
 * Read `vite-shapes.ts` for what it knows of vite, of which it imports nothing.
 */
import { messageOf, systemClock, type Timer } from '@decoraft/base';
import {
  createGenerator,
  type GenerateOptions,
  type GenerateResult,
  lockPathOf,
  writeFiles,
} from '@decoraft/codegen';
import { resolve } from 'node:path';
import { errorOf, PLUGIN_NAME, warningOf, wordsOf } from './vite/vite-error.js';
import type { DecoraftPlugin, ViteConfig, ViteError, ViteServer } from './vite/vite-shapes.js';

export type { DecoraftPlugin } from './vite/vite-shapes.js';

/** What `decoraft generate` takes, and where. */
export interface DecoraftOptions extends Omit<GenerateOptions, 'cwd'> {
  /** Where machines are looked for, relative to vite's `root`, which it is by default. */
  readonly cwd?: string;
}

/** Editors write a file in several steps; what comes within this time is one change. */
const DEBOUNCE_MS = 40;

/** The plugin. Nothing is done before vite has read its configuration. */
export function decoraft(options: DecoraftOptions = {}): DecoraftPlugin {
  let run: Run | undefined;
  const begun = (): Run => {
    if (!run) throw new Error('decoraft: vite has not called configResolved');
    return run;
  };
  return {
    name: PLUGIN_NAME,
    enforce: 'pre',
    configResolved: (config) => void (run = new Run(config, options)),
    configureServer: (server) => begun().serve(server),
    buildStart() {
      if (!begun().isBuild) return;
      const { result, error, warnings } = begun().generate();
      for (const path of result.inputs) this.addWatchFile(path);
      for (const warning of warnings) this.warn(warning);
      if (error) this.error(error);
    },
    buildEnd: () => run?.end(),
  };
}

interface Outcome {
  readonly result: GenerateResult;
  readonly error: ViteError | undefined;
  readonly warnings: readonly ViteError[];
}

/** One configuration of vite: a build, or a server. */
class Run {
  readonly isBuild: boolean;
  readonly #config: ViteConfig;
  readonly #cwd: string;
  readonly #generator;
  #inputs: ReadonlySet<string> = new Set();
  #outputs: ReadonlySet<string> = new Set();
  #error: ViteError | undefined;
  #timer: Timer | undefined;

  constructor(config: ViteConfig, { cwd = '.', ...options }: DecoraftOptions) {
    this.#config = config;
    this.isBuild = config.command === 'build';
    this.#cwd = resolve(config.root, cwd);
    this.#generator = createGenerator({ lockPath: lockPathOf(this.#cwd), ...options, cwd: this.#cwd });
  }

  /** Generates, and writes where there is no problem. */
  generate(): Outcome {
    const result = this.#generator.generate();
    if (result.problems.length === 0) writeFiles(result);
    const error = errorOf(result, this.#cwd);
    return { result, error, warnings: result.warnings.map((warning) => warningOf(warning, this.#cwd)) };
  }

  serve(server: ViteServer): void {
    server.watcher.add([this.#cwd]);
    server.watcher.on('all', (event, path) => {
      if (!this.#concerns(event, resolve(this.#config.root, path))) return;
      this.#timer?.cancel();
      this.#timer = systemClock.after(DEBOUNCE_MS, () => this.#generateFor(server));
    });
    // A page that is opened while there is a problem shows it, too.
    server.ws.on('connection', () => this.#showError(server));
    this.#generateFor(server);
  }

  end(): void {
    this.#timer?.cancel();
  }

  /** A change of what was not read changes nothing, unless there is a problem that it may solve; a new file may declare a machine. */
  #concerns(event: string, path: string): boolean {
    if (this.#outputs.has(path) || !/\.([cm]?tsx?|json)$/.test(path)) return false;
    return (
      event !== 'change' || this.#inputs.has(path) || path.endsWith('.json') || this.#error !== undefined
    );
  }

  #generateFor(server: ViteServer): void {
    const { logger } = this.#config;
    try {
      const { result, error } = this.generate();
      this.#inputs = new Set(result.inputs);
      this.#outputs = new Set(result.files.map(({ path }) => path));
      server.watcher.add(result.inputs);
      for (const warning of result.warnings) logger.warn(wordsOf(warning), { timestamp: true });
      if (error) logger.error(`${error.message}\n${error.frame ?? ''}`, { timestamp: true });
      this.#tell(server, error);
    } catch (error) {
      // Whatever it was, the next change may set it right.
      logger.error(`${PLUGIN_NAME}: ${messageOf(error)}`, { timestamp: true });
    }
  }

  #tell(server: ViteServer, error: ViteError | undefined): void {
    const hadError = this.#error !== undefined;
    this.#error = error;
    if (error) this.#showError(server);
    // An update takes the overlay away, be it of nothing.
    else if (hadError) server.ws.send({ type: 'update', updates: [] });
  }

  #showError(server: ViteServer): void {
    if (this.#error) server.ws.send({ type: 'error', err: { ...this.#error, stack: '' } });
  }
}
