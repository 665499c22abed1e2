import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

const BELOW_HOST = ['base', 'protocol', 'raft', 'rpc', 'state-machine', 'storage'] as const;

/** Who may import whom: a lower rank only, never sideways. The README draws this table. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  protocol: ['base'],
  raft: ['base'],
  rpc: ['base'],
  'state-machine': ['base', 'protocol'],
  storage: ['base', 'raft'],
  client: ['base', 'protocol', 'rpc'],
  codegen: ['base', 'protocol'],
  host: ['base', 'protocol', 'raft', 'rpc', 'state-machine'],
  service: ['base', 'protocol', 'rpc', 'state-machine', 'client'],
  membership: ['base', 'protocol', 'rpc', 'state-machine', 'client', 'service'],
  sharding: ['base', 'protocol', 'rpc', 'state-machine', 'client', 'service', 'membership'],
  server: [...BELOW_HOST, 'host', 'service', 'membership', 'sharding'],
  testing: [...BELOW_HOST, 'client', 'host', 'service', 'membership', 'sharding', 'server'],
  decoraft: [
    'base',
    'protocol',
    'state-machine',
    'client',
    'service',
    'membership',
    'sharding',
    'server',
    'testing',
  ],
  cli: ['base', 'protocol', 'state-machine', 'client', 'codegen', 'server', 'testing'],
  // As a user would write it: with the public face only.
  collections: ['decoraft'],
};

/** What is looked for while running, and need not be there: an optional peer, so that nobody installs it unasked. */
const MAY_LOOK_FOR: Readonly<Record<string, readonly string[]>> = { decoraft: ['@decoraft/cli'] };

/** The one package through which each library, and each kind of I/O, enters. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  ws: ['rpc'],
  msgpackr: ['rpc'],
  'reflect-metadata': ['state-machine'],
  eventemitter3: ['base'],
  'ts-morph': ['codegen'],
  'node:http': ['rpc'],
  'node:net': ['rpc'],
  'node:stream': ['rpc'],
  'node:fs': ['storage', 'codegen', 'cli'],
  'node:fs/promises': ['storage', 'codegen', 'cli'],
  'node:zlib': ['storage'],
  'node:os': ['storage'],
  'node:path': ['storage', 'codegen', 'cli', 'decoraft'],
  'node:url': ['codegen', 'cli', 'decoraft'],
  'node:util': ['cli', 'storage'],
  'node:module': ['cli', 'decoraft'],
  // `git show`, to compare with what was released; `npx`, to fetch the command.
  'node:child_process': ['cli', 'decoraft'],
};

const MAX_LINES = 350;

interface SourceFile {
  readonly package: string;
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const directoryOf = (name: string): string => join(root, name === 'codegen' ? 'codegen' : `packages/${name}`);

function sourcesOf(name: string): readonly SourceFile[] {
  const source = join(directoryOf(name), 'src');
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => {
      const text = readFileSync(join(source, path), 'utf8');
      return { package: name, path: join(source, path), text, imports: importsOf(text) };
    });
}

function importsOf(text: string): readonly string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  const statements = code.matchAll(
    /^(?:import|export)\b[^'";]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm,
  );
  return [...statements].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const ownPackage = (specifier: string): string | undefined =>
  /^(?:@decoraft\/([^/]+)|(decoraft))(?:\/|$)/.exec(specifier)?.slice(1).find(Boolean);

const packages = Object.keys(MAY_IMPORT);
const sources = packages.flatMap(sourcesOf);
const nameOf = ({ path }: SourceFile): string => relative(root, path);

function problemsIn(check: (source: SourceFile, specifier: string) => string | undefined): readonly string[] {
  return sources.flatMap((source) =>
    source.imports.flatMap((specifier) => {
      const problem = check(source, specifier);
      return problem ? [`${nameOf(source)}: ${problem}`] : [];
    }),
  );
}

const readJson = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;

describe('the house', () => {
  it('has the rooms that the table names', () => {
    expect(readdirSync(join(root, 'packages')).toSorted()).toEqual(
      packages.filter((name) => name !== 'codegen').toSorted(),
    );
  });

  it('imports go down the table only', () => {
    const problems = problemsIn((source, specifier) => {
      const target = ownPackage(specifier);
      // Generated code of a package imports it by its name.
      if (!target || target === source.package) return undefined;
      if (MAY_IMPORT[source.package]?.includes(target)) return undefined;
      return `${source.package} may not import ${target}`;
    });
    expect(problems).toEqual([]);
  });

  it('relative imports stay in their package', () => {
    const problems = problemsIn((source, specifier) => {
      if (!specifier.startsWith('.')) return undefined;
      const target = resolve(dirname(source.path), specifier);
      return target.startsWith(join(directoryOf(source.package), 'src'))
        ? undefined
        : `reaches out to ${specifier}`;
    });
    expect(problems).toEqual([]);
  });

  it('every library and every kind of I/O has its door', () => {
    const problems = problemsIn((source, specifier) => {
      if (specifier.startsWith('.') || specifier.startsWith('#') || ownPackage(specifier)) return undefined;
      const library = specifier.startsWith('node:')
        ? specifier.replace(/\/posix$/, '')
        : packageOf(specifier);
      if (DOORS[library]?.includes(source.package)) return undefined;
      return `${library} does not enter through ${source.package}`;
    });
    expect(problems).toEqual([]);
  });

  it('the manifests declare what is imported, and nothing else', () => {
    for (const name of packages) {
      const imported = sources
        .filter((source) => source.package === name)
        .flatMap(({ imports }) => imports)
        .filter((specifier) => !/^(?:\.|#|node:)/.test(specifier))
        .map(packageOf)
        .filter((target) => target !== `@decoraft/${name}`);
      const { dependencies = {} } = readJson(join(directoryOf(name), 'package.json'));
      const declared = Object.keys(dependencies as object);
      expect([name, ...[...new Set(imported)].toSorted()]).toEqual([name, ...declared.toSorted()]);
    }
  });

  it('what may be missing is looked for by those that declare it', () => {
    for (const name of packages) {
      const lookedFor = sources
        .filter((source) => source.package === name)
        .flatMap(({ text }) => [...text.matchAll(/\bresolve\('([^'./#][^']*)'\)/g)])
        .map(([, specifier = '']) => packageOf(specifier));
      const { peerDependencies = {}, peerDependenciesMeta = {} } = readJson(
        join(directoryOf(name), 'package.json'),
      );
      const allowed = MAY_LOOK_FOR[name] ?? [];
      expect([name, ...lookedFor]).toEqual([name, ...allowed]);
      expect([name, ...Object.keys(peerDependencies as object)]).toEqual([name, ...allowed]);
      const optional = Object.fromEntries(allowed.map((peer) => [peer, { optional: true }]));
      expect(peerDependenciesMeta).toEqual(optional);
    }
  });

  it('the project references follow the table', () => {
    for (const name of packages) {
      const { references = [] } = readJson(join(directoryOf(name), 'tsconfig.json')) as {
        references?: readonly { readonly path: string }[];
      };
      for (const { path } of references) {
        expect(MAY_IMPORT[name]).toContain(path.split('/').at(-1));
      }
    }
  });
});

describe('what runs in a browser', () => {
  /** All files that an entry point pulls in, across packages. Types leave no trace in what is loaded. */
  function reach(entry: string, seen = new Set<string>()): Set<string> {
    if (seen.has(entry)) return seen;
    seen.add(entry);
    const loaded = readFileSync(entry, 'utf8').replaceAll(/^(?:import|export) type [^;]*;$/gm, '');
    for (const specifier of importsOf(loaded)) {
      const target = resolveSource(entry, specifier);
      if (target) reach(target, seen);
    }
    return seen;
  }

  function resolveSource(from: string, specifier: string): string | undefined {
    if (specifier.startsWith('.')) return resolve(dirname(from), specifier.replace(/\.js$/, '.ts'));
    if (specifier === '#websocket') return join(directoryOf('rpc'), 'src/websocket.ts');
    const target = ownPackage(specifier);
    const [, , entry = 'index'] = specifier.split('/');
    return target ? join(directoryOf(target), `src/${entry}.ts`) : undefined;
  }

  const entries = ['client', 'membership'].map((name) => join(directoryOf('decoraft'), `src/${name}.ts`));
  const files = [...new Set(entries.flatMap((entry) => [...reach(entry)]))];

  it('is, of the collections, what stands on the client', () => {
    const seen = new Set<string>();
    const outside: string[] = [];
    const follow = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      // Types leave no trace in what is loaded.
      const loaded = readFileSync(file, 'utf8').matchAll(
        /^(?:import|export) (?!type )(?:[^;]*? from )?'([^']+)';/gm,
      );
      for (const [, from = ''] of loaded) {
        if (from.startsWith('.')) follow(resolve(dirname(file), from.replace(/\.js$/, '.ts')));
        else if (from !== 'decoraft/client') outside.push(`${relative(root, file)}: ${from}`);
      }
    };
    follow(join(directoryOf('collections'), 'src/client.ts'));
    expect(seen.size).toBeGreaterThan(5);
    expect(outside).toEqual([]);
  });

  it('is the client and what is below it', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.every((file) => existsSync(file))).toBe(true);
  });

  it('knows no Node built-in and no Node global', () => {
    const problems = files.flatMap((file) => {
      const text = readFileSync(file, 'utf8');
      const builtIns = importsOf(text).filter((specifier) => /^(?:node:|ws$)/.test(specifier));
      const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      const named: readonly string[] =
        code.match(/\b(?:Buffer|process|setImmediate|__dirname)\b(?=[.(])/g) ?? [];
      const globals = named.filter((name) => !code.includes(`typeof ${name} === `));
      return [...builtIns, ...globals].map((what) => `${relative(root, file)}: ${what}`);
    });
    expect(problems).toEqual([]);
  });
});

describe('the rooms are small', () => {
  it(`no source file is longer than ${MAX_LINES} lines`, () => {
    const written = sources.filter(({ path }) => !path.includes('/generated/'));
    const long = written.filter(({ text }) => text.split('\n').length > MAX_LINES);
    expect(long.map(nameOf)).toEqual([]);
  });

  it('every package opens with a chapter', () => {
    const silent = packages.filter((name) => {
      const path = join(directoryOf(name), 'src/index.ts');
      return !/^(?:#!.*\n)?\/\*\*\n? ?\*? ?# /.test(readFileSync(path, 'utf8'));
    });
    expect(silent).toEqual([]);
  });

  it('generated clients import the client and types, nothing else', () => {
    const stubs = readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' }).filter(
      (path) => path.endsWith('.client.ts') && !path.includes('node_modules'),
    );
    expect(stubs.length).toBeGreaterThan(0);
    for (const stub of stubs) {
      const text = readFileSync(join(root, 'examples', stub), 'utf8');
      const values = [...text.matchAll(/^import (?!type )[^;]*? from '([^']+)';/gm)].map(([, from]) => from);
      expect([stub, ...values]).toEqual([stub, 'decoraft/client']);
    }
  });
});
