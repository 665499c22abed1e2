import { type ClassDeclaration, Node, type Project, type SourceFile } from 'ts-morph';
import type { MachineModel } from '../model.js';
import { chainOf, type ClassChain, facingMembers, nameOfMember } from './class-chain.js';
import { DecoraftWords, runtimeOf } from './decoraft-words.js';
import { Library } from './library-types.js';
import { MemberReader } from './member-reader.js';
import { Origins } from './origins.js';
import { NO_STATE, StateReader } from './state-reader.js';
import { type Locate, locateFrom } from './positions.js';
import { readSchedules } from './schedules.js';
import { TypeReader } from './type-reader.js';

/** Reads machine classes into plain models. Good for one state of the files: what it learns is kept. */
export class MachineReader {
  readonly #words: DecoraftWords;
  readonly #library: Library;
  readonly #origins = new Origins();
  readonly #members: MemberReader;
  readonly #state: StateReader;
  readonly #locate: Locate;

  /** @param cwd What positions are relative to. */
  constructor(project: Project, cwd: string) {
    this.#words = new DecoraftWords(project);
    this.#library = new Library(project);
    this.#locate = locateFrom(cwd);
    this.#members = new MemberReader(this.#words, this.#locate);
    this.#state = new StateReader(this.#words, this.#library, this.#members, this.#locate);
  }

  /**
   * The machines of a file, and the classes that look as if they should be one: those that extend StateMachine
   * and those with decorated members. Abstract classes are what machines are made of, not machines.
   */
  read(file: SourceFile): readonly MachineModel[] {
    const machines: MachineModel[] = [];
    for (const declaration of file.getClasses()) {
      if (declaration.isAbstract()) continue;
      const chain = chainOf(declaration, (node) => this.#words.nameOf(node) === 'StateMachine');
      const machine = this.#readMachine(declaration, chain);
      if (chain.endsInStateMachine || machine.members.length > 0) machines.push(machine);
    }
    return [...machines, ...this.#readExpressions(file)];
  }

  #readMachine(declaration: ClassDeclaration, chain: ClassChain): MachineModel {
    const facing = facingMembers(chain, this.#members);
    const named = (name: string) =>
      new Set(
        facing
          .filter(({ decorators }) => decorators.some((decorator) => decorator.name === name))
          .map(({ node }) => nameOfMember(node)),
      );
    const own = { commands: named('cmd'), events: named('sub') };
    const types = new TypeReader(declaration, this.#library, this.#origins);
    const symbol = declaration.getSymbol();
    return {
      name: declaration.getName(),
      sourcePath: declaration.getSourceFile().getFilePath(),
      runtime: runtimeOf(declaration.getSourceFile()),
      position: this.#locate(declaration.getNameNode() ?? declaration),
      exportedName: symbol && this.#origins.exportedName(symbol, declaration.getSourceFile()),
      isGeneric: declaration.getTypeParameters().length > 0,
      extendsStateMachine: chain.endsInStateMachine,
      documentation: declaration.getJsDocs().at(-1)?.getText(),
      members: facing.map((member) => this.#members.read(member, declaration, types, own)),
      state: this.#state.read(declaration, chain),
      schedules: chain.endsInStateMachine ? readSchedules(chain, this.#locate) : [],
      definitions: types.definitions,
    };
  }

  /** `const X = class extends StateMachine { … }`: recognised, so that its author is told. */
  #readExpressions(file: SourceFile): readonly MachineModel[] {
    return file
      .getVariableDeclarations()
      .map((declaration) => declaration.getInitializer())
      .filter(Node.isClassExpression)
      .filter((expression) => {
        const base = expression.getExtends()?.getExpression();
        return base !== undefined && this.#words.nameOf(base) === 'StateMachine';
      })
      .map((expression) => ({
        name: undefined,
        sourcePath: file.getFilePath(),
        runtime: runtimeOf(file),
        position: this.#locate(expression),
        exportedName: undefined,
        isGeneric: false,
        extendsStateMachine: true,
        documentation: undefined,
        members: [],
        state: NO_STATE,
        schedules: [],
        definitions: new Map(),
      }));
  }
}
