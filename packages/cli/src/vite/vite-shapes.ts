/**
 * What the plugin needs of vite, described by its shape: who has the command without vite installs nothing for it.
 */
export interface ViteConfig {
  /** Absolute. */
  readonly root: string;
  readonly command: 'build' | 'serve';
  readonly logger: {
    warn(message: string, options?: { readonly timestamp?: boolean }): void;
    error(message: string, options?: { readonly timestamp?: boolean }): void;
  };
}

export interface ViteServer {
  readonly watcher: {
    on(event: 'all', listener: (event: string, path: string) => void): unknown;
    add(paths: readonly string[]): unknown;
  };
  readonly ws: {
    send(payload: OverlayError | { readonly type: 'update'; readonly updates: [] }): void;
    on(event: 'connection', listener: () => void): unknown;
  };
}

/** What a page shows over itself. */
export interface OverlayError {
  readonly type: 'error';
  readonly err: ViteError & { readonly stack: string };
}

export interface ViteError {
  readonly message: string;
  readonly plugin: string;
  /** The file, absolute. */
  readonly id?: string;
  readonly loc?: { readonly file: string; readonly line: number; readonly column: number };
  /** The line, and a mark below it. */
  readonly frame?: string;
}

export interface BuildContext {
  addWatchFile(path: string): void;
  warn(warning: ViteError): void;
  error(error: ViteError): never;
}

/** Assignable to vite's `Plugin`. */
export interface DecoraftPlugin {
  readonly name: string;
  readonly enforce: 'pre';
  configResolved(config: ViteConfig): void;
  configureServer(server: ViteServer): void;
  buildStart(this: BuildContext): void;
  buildEnd(): void;
}
