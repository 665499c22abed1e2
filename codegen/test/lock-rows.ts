import type { Rule } from '../src/index.js';

/** A class as it was released, as it is now, and what is said of it. */
export interface Row {
  readonly claim: string;
  /** The members of `class Store`; or, where it begins with `class`, a whole file. */
  readonly before: string;
  readonly after: string;
  /** By what it is said of: `rule subject`. */
  readonly changes: readonly `${Rule} ${string}`[];
}

const machine = (body: string): string => `class Store extends StateMachine { ${body} }`;
const version = (number: number, name: string, body: string): string =>
  `class ${name} extends StateMachine { static override readonly version = ${number}; ${body} }`;
const PUT = '@cmd put(key: string): void {}';
const HOOKS = 'override snapshot(): unknown { return 1; } override restore(): void {}';
const PREVIOUS = 'override previous(): StateMachine { return new Store1(); }';
const MIGRATE = 'override migrate(_from: number, _state: unknown): unknown { return {}; }';

export const ROWS: readonly Row[] = [
  { claim: 'nothing changed', before: PUT, after: PUT, changes: [] },
  {
    claim: 'an operation may be added',
    before: PUT,
    after: `${PUT} @qry get(): number { return 1; }`,
    changes: ['operation-added Store.get'],
  },
  {
    claim: 'a command does not go',
    before: `${PUT} @cmd drop(): void {}`,
    after: PUT,
    changes: ['command-removed Store.drop'],
  },
  {
    claim: 'nor does one that is retired',
    before: `${PUT} @cmd({ retired: true }) drop(): void {}`,
    after: PUT,
    changes: ['command-removed Store.drop'],
  },
  {
    claim: 'clients miss a query',
    before: `${PUT} @qry get(): number { return 1; }`,
    after: PUT,
    changes: ['query-removed Store.get'],
  },
  {
    claim: 'subscriptions are in the log',
    before: `${PUT} @sub onPut = event<(key: string) => number>();`,
    after: PUT,
    changes: ['event-removed Store.onPut'],
  },
  {
    claim: 'a new name says what it was',
    before: PUT,
    after: `@cmd({ was: 'put' }) set(key: string): void {}`,
    changes: ['operation-renamed Store.set'],
  },
  {
    claim: 'a new name alone is another operation',
    before: PUT,
    after: `@cmd set(key: string): void {}`,
    changes: ['renamed-without-was Store.put'],
  },
  {
    claim: 'of two that are alike nobody knows which is which',
    before: `${PUT} @cmd drop(key: string): void {}`,
    after: '@cmd set(key: string): void {} @cmd remove(key: string): void {}',
    changes: [
      'command-removed Store.drop',
      'command-removed Store.put',
      'operation-added Store.remove',
      'operation-added Store.set',
    ],
  },
  {
    claim: 'a query under another name is another one to clients',
    before: `${PUT} @qry get(): number { return 1; }`,
    after: `${PUT} @qry read(): number { return 1; }`,
    changes: ['query-removed Store.get'],
  },
  {
    claim: 'an id is for ever',
    before: `@cmd({ was: 'set' }) put(key: string): void {}`,
    after: PUT,
    changes: ['id-changed Store.put'],
  },
  {
    claim: 'a command that becomes a query is in logs all the same',
    before: '@cmd get(): number { return 1; }',
    after: '@qry get(): number { return 1; }',
    changes: ['kind-changed Store.get'],
  },
  {
    claim: 'clients ask a query that becomes a command in vain',
    before: '@qry get(): number { return 1; }',
    after: '@cmd get(): number { return 1; }',
    changes: ['query-removed Store.get'],
  },
  {
    claim: 'what is retired takes no new calls',
    before: PUT,
    after: '@cmd({ retired: true }) put(key: string): void {}',
    changes: ['operation-retired Store.put'],
  },
  {
    claim: 'what was retired may be called again',
    before: '@cmd({ retired: true }) put(key: string): void {}',
    after: PUT,
    changes: ['operation-revived Store.put'],
  },
  {
    claim: 'an optional parameter may be added',
    before: PUT,
    after: '@cmd put(key: string, ttl?: number): void {}',
    changes: ['arguments-widened Store.put'],
  },
  {
    claim: 'a parameter that must be given is in no old entry',
    before: PUT,
    after: '@cmd put(key: string, ttl: number): void {}',
    changes: ['parameter-required Store.put'],
  },
  {
    claim: 'a parameter does not go',
    before: '@cmd put(key: string, ttl: number): void {}',
    after: PUT,
    changes: ['command-arguments Store.put'],
  },
  {
    claim: 'a parameter may take more',
    before: PUT,
    after: '@cmd put(key: string | number): void {}',
    changes: ['arguments-widened Store.put'],
  },
  {
    claim: 'a parameter may not take less',
    before: '@cmd put(key: string | number): void {}',
    after: PUT,
    changes: ['command-arguments Store.put'],
  },
  {
    claim: 'parameters keep their places, though their types are alike',
    before: '@cmd move(from: string, to: string): void {}',
    after: '@cmd move(to: string, from: string): void {}',
    changes: ['parameters-reordered Store.move'],
  },
  {
    claim: 'a parameter may be called otherwise',
    before: PUT,
    after: '@cmd put(name: string): void {}',
    changes: ['parameter-renamed Store.put'],
  },
  {
    claim: 'queries are in no log',
    before: '@qry get(key: string): number { return 1; }',
    after: '@qry get(key: string, at: number): number { return 1; }',
    changes: ['query-arguments Store.get'],
  },
  {
    claim: 'clients do not know what else comes back',
    before: '@qry get(): number { return 1; }',
    after: '@qry get(): number | undefined { return 1; }',
    changes: ['result-changed Store.get'],
  },
  {
    claim: 'less may come back',
    before: '@qry get(): number | undefined { return 1; }',
    after: '@qry get(): number { return 1; }',
    changes: ['result-narrowed Store.get'],
  },
  {
    claim: 'subscriptions select by what they were',
    before: `${PUT} @sub onPut = event<(key: string) => number>();`,
    after: `${PUT} @sub onPut = event<(key: string, more: string) => number>();`,
    changes: ['event-parameters Store.onPut'],
  },
  {
    claim: 'an event tells no more than it did',
    before: `${PUT} @sub onPut = event<(key: string) => number>();`,
    after: `${PUT} @sub onPut = event<(key: string) => number | string>();`,
    changes: ['event-value Store.onPut'],
  },
  {
    claim: 'nor less, for what was notified is still to come',
    before: `${PUT} @sub onPut = event<(key: string) => number | string>();`,
    after: `${PUT} @sub onPut = event<(key: string) => number>();`,
    changes: ['event-value Store.onPut'],
  },
  {
    claim: 'a field that the constructor makes is in no older snapshot',
    before: PUT,
    after: `${PUT} count = 0;`,
    changes: ['field-added Store.count'],
  },
  {
    claim: 'one that may be undefined is there all the same',
    before: PUT,
    after: `${PUT} note?: string;`,
    changes: ['field-added Store.note'],
  },
  {
    claim: 'one that is only declared is not there before it is assigned',
    before: PUT,
    after: `${PUT} declare note?: string;`,
    changes: ['field-declared Store.note'],
  },
  {
    claim: 'a field does not go',
    before: `${PUT} count = 0;`,
    after: PUT,
    changes: ['field-removed Store.count'],
  },
  {
    claim: 'nor out of the state',
    before: `${PUT} count = 0;`,
    after: `${PUT} @derived count = 0; override restored(): void { this.count = 0; }`,
    changes: ['field-removed Store.count'],
  },
  {
    claim: 'a field keeps its type',
    before: `${PUT} readonly entries = new Map<string, number>();`,
    after: `${PUT} readonly entries = new Map<string, string>();`,
    changes: ['field-changed Store.entries'],
  },
  {
    claim: 'the type of a field may hold more',
    before: `${PUT} readonly entries = new Map<string, { a: number }>();`,
    after: `${PUT} readonly entries = new Map<string, { a: number; b?: string }>();`,
    changes: ['field-widened Store.entries'],
  },
  {
    claim: 'memory is what it is',
    before: `${PUT} bytes = new Float64Array(1);`,
    after: `${PUT} bytes = new Float32Array(1);`,
    changes: ['field-changed Store.bytes'],
  },
  {
    claim: 'fields keep their order',
    before: `${PUT} a = 1; b = 1;`,
    after: `${PUT} b = 1; a = 1;`,
    changes: ['fields-reordered Store'],
  },
  {
    claim: 'a class may begin to write its snapshots itself',
    before: `${PUT} a = 1;`,
    after: `${PUT} a = 'x'; ${HOOKS}`,
    changes: ['snapshot-own Store'],
  },
  {
    claim: 'and does not end it',
    before: `${PUT} a = 1; ${HOOKS}`,
    after: `${PUT} a = 1;`,
    changes: ['snapshot-gone Store'],
  },
  {
    claim: 'a name is what clients import',
    before: machine(PUT),
    after: machine(PUT).replace('Store', 'Storage'),
    changes: ['machine-renamed Storage'],
  },
  {
    claim: 'a class may come',
    before: '',
    after: machine('@cmd appear(): void {}'),
    changes: ['machine-added Store'],
  },
  {
    claim: 'a class does not go',
    before: machine('@cmd vanish(): void {}'),
    after: '',
    changes: ['machine-removed Store'],
  },
  {
    claim: 'a version does not go back',
    before: version(2, 'Store', PUT),
    after: machine(PUT),
    changes: ['version-lowered Store'],
  },
  {
    claim: 'a class may serve the version before as well',
    before: machine(PUT),
    after: version(2, 'Store', PUT),
    changes: ['version-raised Store'],
  },
  {
    claim: 'then it has all that logs hold of it',
    before: machine(`${PUT} a = 1;`),
    after: version(2, 'Store', '@cmd set(key: number): void {} a = "x";'),
    changes: [
      'command-removed Store.put',
      'field-changed Store.a',
      'operation-added Store.set',
      'version-raised Store',
    ],
  },
  {
    claim: 'a class that no longer serves an old version breaks groups at it',
    before: machine(PUT),
    after: version(3, 'Store', `static override readonly oldestVersion = 2; ${PUT}`),
    changes: ['version-unserved Store', 'version-raised Store'],
  },
  {
    claim: 'the old class runs what logs hold, and the state is migrated',
    before: machine(`${PUT} a = 1;`),
    after: `${machine(`${PUT} a = 1;`).replace('Store', 'Store1')}
      export ${version(2, 'Store', `@cmd put(key: number): void {} a = "x"; ${PREVIOUS} ${MIGRATE}`)}`,
    changes: ['operation-superseded Store.put', 'version-raised Store', 'machine-added Store1'],
  },
  {
    claim: 'a state of another type is migrated',
    before: machine(`${PUT} a = 1;`),
    after: `${machine(`${PUT} a = 1;`).replace('Store', 'Store1')}
      export ${version(2, 'Store', `${PUT} a = "x"; ${PREVIOUS}`)}`,
    changes: ['migrate-missing Store', 'version-raised Store', 'machine-added Store1'],
  },
  {
    claim: 'a field may come with a version, for it begins as the constructor says',
    before: machine(`${PUT} a = 1;`),
    after: `${machine(`${PUT} a = 1;`).replace('Store', 'Store1')}
      export ${version(2, 'Store', `${PUT} b = 1; a = 1; ${PREVIOUS}`)}`,
    changes: ['version-raised Store', 'machine-added Store1'],
  },
  {
    claim: 'the old class is what it was',
    before: machine(`${PUT} a = 1;`),
    after: `${machine(`@cmd put(key: number): void {} a = 1;`).replace('Store', 'Store1')}
      export ${version(2, 'Store', `${PUT} a = 1; ${PREVIOUS}`)}`,
    changes: ['command-arguments Store1.put', 'version-raised Store', 'machine-added Store1'],
  },
  {
    claim: 'a version may be skipped, as long as the way leads to it',
    before: machine(`${PUT} a = 1;`),
    after: `${machine(`${PUT} a = 1;`).replace('Store', 'Store0')}
      export ${version(2, 'Store1', `${PUT} ${PREVIOUS.replace('Store1', 'Store0')}`)}
      export ${version(3, 'Store', `${PUT} ${PREVIOUS}`)}`,
    changes: ['version-raised Store', 'machine-added Store0', 'machine-added Store1'],
  },
  {
    claim: 'methods of services may be added, widened and narrowed in what they give',
    before: 'class Store extends RpcService { @rpc get(key: string): number | string { return 1; } }',
    after:
      'class Store extends RpcService { @rpc get(key: string, at?: number): number { return 1; } @rpc all(): void {} }',
    changes: ['operation-added Store.all', 'arguments-widened Store.get', 'result-narrowed Store.get'],
  },
  {
    claim: 'services are in no log, but clients call them',
    before:
      'class Store extends RpcService { @rpc get(key: string): number { return 1; } @rpc all(): void {} @rpc list(): number[] { return []; } @rpc send(items: AsyncIterable<number>): void {} }',
    after:
      'class Store extends RpcService { @rpc get(key: number): string { return ""; } @rpc async *list(): AsyncGenerator<number> {} @rpc send(items: AsyncIterable<string>): void {} }',
    changes: [
      'method-removed Store.all',
      'method-arguments Store.get',
      'result-changed Store.get',
      'method-kind Store.list',
      'method-arguments Store.send',
    ],
  },
  {
    claim: 'a service may come',
    before: '',
    after: 'class Store extends RpcService { @rpc appear(): void {} }',
    changes: ['service-added Store'],
  },
  {
    claim: 'a service does not go unnoticed',
    before: 'class Store extends RpcService { @rpc all(): void {} }',
    after: '',
    changes: ['service-removed Store'],
  },
  {
    claim: 'nor changes its name',
    before: 'class Store extends RpcService { @rpc all(): void {} }',
    after: 'class Storage extends RpcService { @rpc all(): void {} }',
    changes: ['service-renamed Storage'],
  },
];
