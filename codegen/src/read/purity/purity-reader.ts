import type { ClassDeclaration, Project, SourceFile } from 'ts-morph';
import { Node, ts } from 'ts-morph';
import type {
  AllowanceModel,
  DecoratorName,
  EffectModel,
  EntryModel,
  ImpurityModel,
  StepModel,
} from '../../model.js';
import { type ClassChain, type FacingMember, nameOfMember } from '../class-chain.js';
import { type Place, placeFrom } from '../positions.js';
import { readAllowances } from './allowances.js';
import { Changes } from './changes.js';
import { type Classes, constructionOf, runsAs } from './class-members.js';
import { DeclaredNames } from './declared-names.js';
import { GlobalPaths } from './global-paths.js';
import { type Entry, type Found, type Guide, Journey, type Step, type Stop } from './journey.js';
import { effectsOf } from './query-effects.js';
import { localNamesOf, References } from './references.js';
import { Summarizer } from './summarizer.js';
import type { Summary } from './summary.js';
import { Symbols } from './symbols.js';
import { Variables } from './variables.js';

/** What a machine's code does that is not the same on every replica, and what its author allows. */
export interface PurityModel {
  readonly impurities: readonly ImpurityModel[];
  readonly effects: readonly EffectModel[];
  readonly allowances: readonly AllowanceModel[];
}

export const PURE: PurityModel = { impurities: [], effects: [], allowances: [] };

/** What Decoraft calls by itself. Those that stream a snapshot may wait. */
const HOOKS: readonly { readonly name: string; readonly mayWait: boolean }[] = [
  { name: 'sessionEnded', mayWait: false },
  { name: 'restored', mayWait: false },
  { name: 'previous', mayWait: false },
  { name: 'migrate', mayWait: false },
  { name: 'snapshot', mayWait: true },
  { name: 'restore', mayWait: true },
];

/** Looks for impure code from each operation of a machine on. Good for one state of the files. */
export class PurityReader {
  readonly #symbols: Symbols;
  readonly #summarizer: Summarizer;
  readonly #references: References;
  readonly #changes: Changes;
  readonly #variables: Variables;
  readonly #place: Place;
  readonly #files = new Map<SourceFile, readonly ts.SourceFile[]>();

  /** @param cwd What positions are relative to. */
  constructor(project: Project, cwd: string) {
    this.#symbols = new Symbols(project);
    this.#summarizer = new Summarizer(
      this.#symbols,
      new GlobalPaths(this.#symbols),
      new DeclaredNames(project, this.#symbols),
    );
    this.#references = new References(this.#symbols);
    this.#changes = new Changes(this.#symbols, this.#references);
    this.#variables = new Variables(this.#symbols, this.#references, this.#changes);
    this.#place = placeFrom(cwd);
  }

  /** @param derived Names of fields that are marked with @derived. */
  read(
    declaration: ClassDeclaration,
    { classes }: ClassChain,
    facing: readonly FacingMember[],
    derived: ReadonlySet<string>,
  ): PurityModel {
    const machine = classes.map(({ compilerNode }) => compilerNode);
    const guide: Guide = {
      symbols: this.#symbols,
      summaryOf: (code): Summary => this.#summarizer.of(code),
      faultsOf: ({ node, target }) =>
        this.#variables.faultsOf(target, node, this.#filesBehind(declaration.getSourceFile())),
      derived,
      placesOf: (part) => localNamesOf(part, this.#references),
      isClosed: () => false,
    };
    const entries = [...entriesOf(machine, facing)];
    const journey = new Journey(machine, guide);
    // Who must not wait goes first: what is found on the way is then told of.
    journey.from(entries.filter(({ mayWait }) => !mayWait));
    journey.from(entries.filter(({ mayWait }) => mayWait));
    return {
      impurities: journey.found.map((found) => this.#model(found)),
      effects: this.#readEffects(machine, entries, facing, guide),
      allowances: readAllowances(declaration.compilerNode, journey.stops, this.#place),
    };
  }

  /** A journey of its own, from queries alone: what commands may do, a query may not. */
  #readEffects(
    machine: Classes,
    entries: readonly Entry[],
    facing: readonly FacingMember[],
    guide: Guide,
  ): readonly EffectModel[] {
    const own = { commands: namesOf('cmd', facing), events: namesOf('sub', facing) };
    const journey = new Journey(machine, {
      ...guide,
      isClosed: (lead) =>
        lead.kind !== 'own' && lead.kind !== 'super' ? false : own.commands.has(lead.name),
    });
    journey.from(entries.filter(({ model }) => model.role === 'query'));
    return journey.stops.flatMap((stop) =>
      stop.self[0] === machine[0]
        ? effectsOf(stop, own, this.#changes).map(({ kind, node }) => ({
            kind,
            ...this.#described(node, stop),
          }))
        : [],
    );
  }

  #model({ offence: { kind, node }, stop }: Found): ImpurityModel {
    return { kind, ...this.#described(node, stop) };
  }

  #described(node: ts.Node, stop: Stop): Omit<ImpurityModel, 'kind'> {
    return {
      text: textOf(node),
      position: this.#place(node),
      entry: stop.entry.model,
      way: stop.way.map((step) => this.#step(step)),
    };
  }

  #step({ declaration, name }: Step): StepModel {
    const named = (declaration as { readonly name?: ts.Node }).name;
    return { name, position: this.#place(named ?? declaration) };
  }

  /** A file and those of the user's that its imports lead to. */
  #filesBehind(source: SourceFile): readonly ts.SourceFile[] {
    let files = this.#files.get(source);
    if (!files) {
      const found = new Set([source]);
      for (const file of found) {
        for (const next of file.getReferencedSourceFiles()) {
          if (this.#symbols.isUsers(next.compilerNode)) found.add(next);
        }
      }
      files = [...found].map(({ compilerNode }) => compilerNode);
      this.#files.set(source, files);
    }
    return files;
  }
}

/** Where Decoraft comes in: operations, then hooks, then what makes an instance. */
function* entriesOf(machine: Classes, facing: readonly FacingMember[]): Iterable<Entry> {
  for (const { decorators, node } of facing) {
    const name = nameOfMember(node);
    const isQuery = decorators.some((decorator) => decorator.name === 'qry');
    const isOperation = isQuery || decorators.some((decorator) => decorator.name === 'cmd');
    if (!isOperation || !Node.isMethodDeclaration(node)) continue;
    yield entry({ role: isQuery ? 'query' : 'command', name }, node.compilerNode);
  }
  for (const code of constructionOf(machine)) {
    const name = ts.isConstructorDeclaration(code) ? 'constructor' : code.name.getText();
    if (ts.isConstructorDeclaration(code) || code.initializer)
      yield entry({ role: 'constructor', name }, code);
  }
  for (const { mayWait, name } of HOOKS) {
    for (const code of hooksOf(machine, name)) yield { ...entry({ role: 'hook', name }, code), mayWait };
  }
}

function namesOf(decorator: DecoratorName, facing: readonly FacingMember[]): ReadonlySet<string> {
  const named = facing.filter(({ decorators }) => decorators.some(({ name }) => name === decorator));
  return new Set(named.map(({ node }) => nameOfMember(node)));
}

/** Static ones as well: `migrate` has no instance yet. */
function hooksOf(machine: Classes, name: string): readonly ts.FunctionLikeDeclaration[] {
  const [hook] = runsAs(machine, name);
  if (hook) return [hook];
  const members = machine.flatMap((declaration) => [...declaration.members]);
  const found = members.find(
    (member) => ts.isMethodDeclaration(member) && member.name.getText() === name && member.body,
  );
  return found ? [found as ts.MethodDeclaration] : [];
}

function entry(model: EntryModel, code: ts.Node): Entry {
  return { model, code, mayWait: false };
}

/** One line of it, not too long to be read in a message. */
function textOf(node: ts.Node): string {
  const [line = ''] = node.getText().split('\n', 1);
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
