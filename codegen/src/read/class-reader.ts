import { type ClassDeclaration, Node, type Project, type SourceFile } from 'ts-morph';
import type { ClassModel } from '../model.js';
import { type BaseName, chainOf, type ClassChain, facingMembers, type FacingMember } from './class-chain.js';
import { DecoraftWords, runtimeOf } from './decoraft-words.js';
import { Library } from './library-types.js';
import { MemberReader } from './member-reader.js';
import { Origins } from './origins.js';
import { readBaseFault } from './base-fault.js';
import { NO_STATE, StateReader } from './state-reader.js';
import { type Locate, locateFrom } from './positions.js';
import { PURE, PurityReader } from './purity/purity-reader.js';
import { readSchedules } from './schedules.js';
import { TypeReader } from './type-reader.js';
import { FIRST_VERSION, readVersion } from './version-reader.js';

/** Reads decorated classes into plain models. Good for one state of the files: what it learns is kept. */
export class ClassReader {
  readonly #words: DecoraftWords;
  readonly #library: Library;
  readonly #origins = new Origins();
  readonly #members: MemberReader;
  readonly #state: StateReader;
  readonly #purity: PurityReader;
  readonly #locate: Locate;

  /** @param cwd What positions are relative to. */
  constructor(project: Project, cwd: string) {
    this.#words = new DecoraftWords(project);
    this.#library = new Library(project);
    this.#locate = locateFrom(cwd);
    this.#members = new MemberReader(this.#words, this.#locate);
    this.#state = new StateReader(this.#words, this.#library, this.#members, this.#locate);
    this.#purity = new PurityReader(project, cwd);
  }

  /**
   * The machines and services of a file, and the classes that look as if they should be one: those that extend
   * StateMachine or RpcService, and those with decorated members. Abstract classes are what others are made of.
   */
  read(file: SourceFile): readonly ClassModel[] {
    const found: ClassModel[] = [];
    for (const declaration of file.getClasses()) {
      if (declaration.isAbstract()) continue;
      const chain = this.#chainOf(declaration);
      const model = this.#readClass(declaration, chain);
      if (chain.base || model.members.length > 0) found.push(model);
    }
    return [...found, ...this.#readExpressions(file)];
  }

  /** Where syntax does not lead to the end, the type may still say what the end is. */
  #chainOf(declaration: ClassDeclaration): ClassChain {
    const chain = chainOf(declaration, (node) => this.#baseOf(node));
    return chain.end
      ? { ...chain, base: this.#words.baseOfType(declaration.getType(), declaration.getSourceFile()) }
      : chain;
  }

  #baseOf(node: Node): BaseName | undefined {
    const name = this.#words.nameOf(node);
    return name === 'StateMachine' || name === 'RpcService' ? name : undefined;
  }

  #readClass(declaration: ClassDeclaration, chain: ClassChain): ClassModel {
    const facing = facingMembers(chain, this.#members);
    const kind = kindOf(chain, facing);
    const types = new TypeReader(declaration, this.#library, this.#origins, this.#words);
    const symbol = declaration.getSymbol();
    const model = {
      name: declaration.getName(),
      sourcePath: declaration.getSourceFile().getFilePath(),
      runtime: runtimeOf(declaration.getSourceFile()),
      position: this.#locate(declaration.getNameNode() ?? declaration),
      exportedName: symbol && this.#origins.exportedName(symbol, declaration.getSourceFile()),
      isGeneric: declaration.getTypeParameters().length > 0,
      extendsBase: chain.base !== undefined,
      baseFault: readBaseFault(declaration, chain, this.#locate),
      documentation: declaration.getJsDocs().at(-1)?.getText(),
      members: facing.map((member) => this.#members.read(member, { kind, declaration }, types)),
      definitions: types.definitions,
    };
    if (kind === 'service') return { kind, ...model, derived: this.#state.readDerived(chain) };
    const state = this.#state.read(
      declaration,
      chain,
      new TypeReader(declaration, this.#library, this.#origins, this.#words),
    );
    const derived = new Set(state.fields.filter(({ isDerived }) => isDerived).map((field) => field.name));
    return {
      kind,
      ...model,
      state,
      schedules: chain.base ? readSchedules(chain, this.#locate) : [],
      version: readVersion(chain.classes, (node) => this.#baseOf(node), this.#locate),
      ...(chain.base ? this.#purity.read(declaration, chain, facing, derived) : PURE),
    };
  }

  /** `const X = class extends StateMachine { … }`: recognised, so that its author is told. */
  #readExpressions(file: SourceFile): readonly ClassModel[] {
    return file
      .getVariableDeclarations()
      .map((declaration) => declaration.getInitializer())
      .filter(Node.isClassExpression)
      .flatMap((expression): readonly ClassModel[] => {
        const extended = expression.getExtends()?.getExpression();
        const base = extended && this.#baseOf(extended);
        if (!base) return [];
        const model = {
          name: undefined,
          sourcePath: file.getFilePath(),
          runtime: runtimeOf(file),
          position: this.#locate(expression),
          exportedName: undefined,
          isGeneric: false,
          extendsBase: true,
          baseFault: undefined,
          documentation: undefined,
          members: [],
          definitions: new Map(),
        };
        if (base === 'RpcService') return [{ kind: 'service', ...model, derived: [] }];
        return [
          { kind: 'machine', ...model, state: NO_STATE, schedules: [], version: FIRST_VERSION, ...PURE },
        ];
      });
  }
}

/** What it extends says what it is; where that is nothing of Decoraft's, what its members are decorated with. */
function kindOf({ base }: ClassChain, facing: readonly FacingMember[]): ClassModel['kind'] {
  if (base) return base === 'RpcService' ? 'service' : 'machine';
  const names = new Set(facing.flatMap(({ decorators }) => decorators.map(({ name }) => name)));
  return names.size === 1 && names.has('rpc') ? 'service' : 'machine';
}
