import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMMANDS = 10;
const QUERIES = 7;
const EVENTS = 3;
const LIBRARIES = fileURLToPath(new URL('../node_modules', import.meta.url));

const CONFIGURATION = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2023'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    experimentalDecorators: true,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ['src'],
};

const COMMON = `/** What all machines of the project share. */
export type Id<Kind extends string> = string & { readonly __kind: Kind };
export interface Money {
  readonly amount: bigint;
  readonly currency: 'EUR' | 'USD' | 'CHF';
}
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: string;
}
export type Change<Item> =
  | { readonly kind: 'added'; readonly item: Item }
  | { readonly kind: 'changed'; readonly item: Item; readonly previous: Item }
  | { readonly kind: 'removed'; readonly key: string };

export function total(amounts: Iterable<Money>): bigint {
  let sum = 0n;
  for (const { amount } of amounts) sum += amount;
  return sum;
}

export function pageOf<Item>(items: readonly Item[], from: number, size: number): Page<Item> {
  const page = items.slice(from, from + size);
  return from + size < items.length ? { items: page, next: String(from + size) } : { items: page };
}
`;

const machineName = (number: number): string => `Store${number}`;

/** A project of so many machines with 20 operations each, as people write them: in a directory of its own. */
export class CodegenProject {
  readonly directory: string;
  readonly machines: number;

  private constructor(directory: string, machines: number) {
    this.directory = directory;
    this.machines = machines;
  }

  static async create(machines: number): Promise<CodegenProject> {
    const directory = await mkdtemp(join(tmpdir(), 'decoraft-bench-'));
    const project = new CodegenProject(directory, machines);
    await mkdir(join(directory, 'src'));
    await symlink(LIBRARIES, join(directory, 'node_modules'));
    await writeFile(join(directory, 'package.json'), '{ "type": "module" }\n');
    await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(CONFIGURATION));
    await project.saveCommon();
    for (let number = 0; number < machines; number++) {
      await writeFile(join(directory, `src/store-${number}.types.ts`), typesText(number));
      await project.save(number);
    }
    return project;
  }

  /** Writes a machine as its owner would save it; `extra` is one more command. */
  async save(number: number, extra?: string): Promise<void> {
    await writeFile(join(this.directory, `src/store-${number}.machine.ts`), machineText(number, extra));
  }

  /** Writes what all machines import; `more` stands at its end. */
  async saveCommon(more = ''): Promise<void> {
    await writeFile(join(this.directory, 'src/common.ts'), `${COMMON}${more}\n`);
  }

  /** Where the client of a machine is generated. */
  clientOf(number: number): string {
    return join(this.directory, `src/generated/store${number}.client.ts`);
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

function typesText(number: number): string {
  return `import type { Id, Money } from './common.js';

export type OrderId = Id<'order-${number}'>;
export interface Line {
  readonly product: string;
  readonly quantity: number;
  readonly price: Money;
  readonly options?: Readonly<Record<string, string | number | boolean>>;
}
export interface Order {
  readonly id: OrderId;
  readonly customer: { readonly name: string; readonly email?: string; readonly tags: readonly string[] };
  readonly lines: readonly Line[];
  readonly state: 'open' | 'paid' | 'sent' | 'cancelled';
  readonly placed: Date;
  readonly notes: ReadonlyMap<string, string>;
  readonly position: readonly [latitude: number, longitude: number] | undefined;
}
export type Selection = Partial<Pick<Order, 'id' | 'state' | 'placed'>>;
`;
}

/** Each line of a body says something that a check has to follow: helpers, callbacks, the context, the state. */
function machineText(number: number, extra?: string): string {
  const commands = Array.from({ length: COMMANDS - 1 }, (_, at) => commandText(`place${at}`));
  const last = commandText(extra ?? `place${COMMANDS - 1}`);
  const queries = Array.from({ length: QUERIES }, (_, at) => queryText(at));
  const events = Array.from(
    { length: EVENTS },
    (_, at) => `  @sub onChanged${at} = event<(id: OrderId) => Change<Order>>();`,
  );
  return `import { cmd, event, qry, StateMachine, sub } from 'decoraft';
import { type Change, pageOf, type Page, total } from './common.js';
import type { Line, Order, OrderId, Selection } from './store-${number}.types.js';

/** Keeps orders, by their ids. */
export class ${machineName(number)} extends StateMachine {
  private readonly orders = new Map<OrderId, Order>();
  private revenue = 0n;

${events.join('\n')}

${[...commands, last, ...queries].join('\n')}
  private keep(order: Order): Order | undefined {
    const previous = this.orders.get(order.id);
    this.orders.set(order.id, order);
    this.revenue += valueOf(order);
    const change: Change<Order> = previous
      ? { kind: 'changed', item: order, previous }
      : { kind: 'added', item: order };
    this.onChanged0(order.id).notify(change);
    return previous;
  }
}

function valueOf({ lines }: Order): bigint {
  return total(lines.map(({ price, quantity }) => ({ ...price, amount: price.amount * BigInt(quantity) })));
}

function isSelected(order: Order, { id, state }: Selection): boolean {
  return (id === undefined || order.id === id) && (state === undefined || order.state === state);
}
`;
}

function commandText(name: string): string {
  return `  /** Takes an order. @returns The one that it replaces. */
  @cmd ${name}(id: OrderId, lines: readonly Line[], notes: ReadonlyMap<string, string>, note?: string): Order | undefined {
    const placed = new Date(this.context.time);
    const kept = new Map(notes);
    if (note !== undefined) kept.set('${name}', note.trim());
    if (lines.length === 0) throw new Error(\`order \${id} is empty\`);
    const customer = { name: '${name}', tags: [...kept.keys()].toSorted() };
    return this.keep({ id, customer, lines, state: 'open', placed, notes: kept, position: undefined });
  }
`;
}

function queryText(at: number): string {
  return `  /** Orders that are selected, some at a time. */
  @qry find${at}(selection: Selection, from = 0): Page<Order> {
    const found = [...this.orders.values()].filter((order) => isSelected(order, selection));
    return pageOf(found.toSorted((left, right) => left.placed.getTime() - right.placed.getTime()), from, ${10 + at});
  }
`;
}
