import { ts } from 'ts-morph';
import type { EntryModel, ImpurityKind } from '../../model.js';
import { chainOfClass, type Classes, constructionOf, runsAs } from './class-members.js';
import { walkOf } from './derived-order.js';
import type { Lead, Offence, Summary } from './summary.js';
import type { Symbols } from './symbols.js';
import { functionOf, isAsync, isMemberOf, nameOf, unwrap } from './syntax.js';

/** A place from which Decoraft runs a machine's code. */
export interface Entry {
  readonly model: EntryModel;
  readonly code: ts.Node;
  /** Whether it may wait: hooks that stream. */
  readonly mayWait: boolean;
}

/** A piece of code that was come to, and how. */
export interface Stop {
  readonly entry: Entry;
  readonly code: ts.Node;
  /** What `this` is there; none in a function. */
  readonly self: Classes;
  /** The names that lead here from the entry, with their declarations. */
  readonly way: readonly Step[];
}

export interface Step {
  readonly name: string;
  readonly declaration: ts.Node;
}

/** What the journey has to know of the code. */
export interface Guide {
  readonly symbols: Symbols;
  summaryOf(code: ts.Node): Summary;
  /** What is wrong with naming a variable of a module: other expressions, or `lead.node` itself. */
  faultsOf(lead: VariableLead): readonly ts.Node[];
  /** Names of fields that are marked with @derived. */
  readonly derived: ReadonlySet<string>;
  /** A part of the machine where it stands, and where a local name of it does. */
  placesOf(part: ts.Node): readonly ts.Node[];
  /** What is not to be gone into. */
  isClosed(lead: Lead): boolean;
}

export type VariableLead = Extract<Lead, { kind: 'variable' }>;

interface Named {
  readonly name: string;
  readonly node: ts.Node;
}

export interface Found {
  readonly stop: Stop;
  readonly offence: Offence;
}

/** Goes from each entry wherever the user's own code leads, to each piece of it once, the shortest way first. */
export class Journey {
  readonly found: Found[] = [];
  /** In the order in which they were come to. */
  readonly stops: Stop[] = [];
  readonly #machine: Classes;
  readonly #guide: Guide;
  readonly #seen = new Map<ts.Node, Set<ts.Node | undefined>>();
  readonly #told = new Map<ts.SourceFile, Set<string>>();

  constructor(machine: Classes, guide: Guide) {
    this.#machine = machine;
    this.#guide = guide;
  }

  /** An entry that others lead to as well is its own. */
  from(entries: readonly Entry[]): void {
    const first = this.stops.length;
    for (const entry of entries) this.#go({ entry, code: entry.code, self: this.#machine, way: [] });
    // Grows while it is walked.
    for (let at = first; at < this.stops.length; at++) {
      const stop = this.stops[at];
      if (stop) this.#explore(stop);
    }
  }

  #go(stop: Stop): void {
    const selves = this.#seen.get(stop.code) ?? new Set();
    if (selves.has(stop.self[0])) return;
    selves.add(stop.self[0]);
    this.#seen.set(stop.code, selves);
    this.stops.push(stop);
  }

  #explore(stop: Stop): void {
    const { leads, offences } = this.#guide.summaryOf(stop.code);
    // Whoever calls an asynchronous function is told of the call.
    const mayWait = stop.entry.mayWait || (stop.way.length > 0 && isAsync(stop.code));
    for (const offence of offences) if (!mayWait || offence.kind !== 'await') this.#tell(stop, offence);
    for (const lead of leads) if (!this.#guide.isClosed(lead)) this.#follow(stop, lead);
  }

  #follow(stop: Stop, lead: Lead): void {
    switch (lead.kind) {
      case 'own':
        this.#derived(stop, lead);
        return this.#members(stop, lead, stop.self);
      case 'super':
        return this.#members(stop, lead, behindClassOf(lead.node, stop.self));
      case 'function':
        return this.#function(stop, lead.target, lead.node);
      case 'class':
        return this.#class(stop, lead.target);
      default:
        return this.#variable(stop, lead);
    }
  }

  /** In `restored()` they are being made. */
  #derived(stop: Stop, { name, node }: Named): void {
    const { name: entry, role } = stop.entry.model;
    const isRestoring = role === 'hook' && entry.startsWith('restore');
    if (isRestoring || stop.self[0] !== this.#machine[0] || !this.#guide.derived.has(name)) return;
    for (const place of this.#guide.placesOf(node)) {
      const walk = walkOf(place, this.#guide.symbols);
      if (walk) this.#tell(stop, { kind: 'order', node: walk });
    }
  }

  #members(stop: Stop, { name, node }: Named, classes: Classes): void {
    for (const target of runsAs(classes, name)) this.#enter(stop, target, stop.self, node);
  }

  #function(stop: Stop, target: ts.FunctionLikeDeclaration, node: ts.Node): void {
    const owner = ts.isClassLike(target.parent) ? target.parent : undefined;
    if (!owner) return this.#enter(stop, target, [], node);
    const self = stop.self.includes(owner) ? stop.self : chainOfClass(owner, this.#guide.symbols);
    this.#enter(stop, target, self, node);
  }

  #enter(stop: Stop, target: ts.FunctionLikeDeclaration, self: Classes, node: ts.Node): void {
    if (!target.body) return;
    if (isAsync(target) && !stop.entry.mayWait) this.#tell(stop, { kind: 'await', node });
    this.#go({
      ...stop,
      code: target,
      self,
      way: [...stop.way, { name: labelOf(target), declaration: target }],
    });
  }

  #class(stop: Stop, target: ts.ClassLikeDeclaration): void {
    const self = chainOfClass(target, this.#guide.symbols);
    const step = { name: `new ${target.name?.text ?? 'class'}()`, declaration: target };
    for (const code of constructionOf(self)) this.#go({ ...stop, code, self, way: [...stop.way, step] });
  }

  #variable(stop: Stop, lead: VariableLead): void {
    const { node, target } = lead;
    const step = { name: target.name.getText(), declaration: target };
    const inside = { ...stop, self: [], way: [...stop.way, step] };
    const faults = this.#guide.faultsOf(lead);
    for (const fault of faults) {
      this.#tell(fault === node ? stop : { ...inside, code: fault }, { kind: 'global', node: fault });
    }
    if (faults.length > 0 || !target.initializer || functionOf(target)) return;
    for (const code of partsOf(target.initializer, node)) this.#go({ ...inside, code });
  }

  /** Of several ways to say the same of one place, the first. */
  #tell(stop: Stop, offence: Offence): void {
    const file = offence.node.getSourceFile();
    const told = this.#told.get(file) ?? new Set();
    this.#told.set(file, told);
    const key = keyOf(offence.kind, offence.node.getStart());
    if (told.has(key)) return;
    told.add(key);
    this.found.push({ stop, offence });
  }
}

/** Of an object that is asked for a member by name, that member: methods are leads of their own. */
function partsOf(initializer: ts.Expression, use: ts.Node): readonly ts.Node[] {
  const object = unwrap(initializer);
  const { parent } = use;
  if (!ts.isObjectLiteralExpression(object) || !isMemberOf(parent, use)) return [initializer];
  const name = nameOf(parent);
  if (name === undefined) return [initializer];
  return object.properties.flatMap((property): readonly ts.Node[] => {
    if (ts.isSpreadAssignment(property)) return [property.expression];
    return property.name.getText() === name && !functionOf(property) ? [property] : [];
  });
}

function keyOf(kind: ImpurityKind, at: number): string {
  return `${kind}@${at}`;
}

function behindClassOf(node: ts.Node, classes: Classes): Classes {
  const at = classes.findIndex((declaration) => isWithin(node, declaration));
  return classes.slice(at + 1);
}

function isWithin(node: ts.Node, outer: ts.Node): boolean {
  for (let above: ts.Node = node; above; above = above.parent) if (above === outer) return true;
  return false;
}

function labelOf(target: ts.FunctionLikeDeclaration): string {
  if (ts.isAccessor(target)) return target.name.getText();
  const holder = target.parent;
  const name =
    target.name ??
    (ts.isVariableDeclaration(holder) || ts.isPropertyDeclaration(holder) || ts.isPropertyAssignment(holder)
      ? holder.name
      : undefined);
  return `${name?.getText() ?? 'function'}()`;
}
