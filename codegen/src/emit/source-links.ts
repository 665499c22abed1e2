import type { NamedClass } from '../model.js';
import { emitDocumentation } from './documentation.js';
import type { Imports } from './imports.js';
import type { Layout } from './layout.js';
import { specifierOf } from './specifiers.js';

export interface ClientOptions {
  /** Whether comments lead to the class, for which the client imports its type. */
  readonly hasLinks: boolean;
}

/**
 * Links for comments, by which an editor goes from a client to the class that a user wrote. They need the class in scope, so a client
 * imports it as a type: of that nothing is left in JavaScript, and to the compiler a link is a use.
 */
export class SourceLinks {
  readonly #model: NamedClass;
  readonly #imports: Imports;
  readonly #path: string;

  /** @param path The file that is written, absolute. */
  constructor(model: NamedClass, imports: Imports, path: string) {
    this.#model = model;
    this.#imports = imports;
    this.#path = path;
  }

  toClass(): string {
    return `{@link ${this.#className()}}`;
  }

  /** To the class where the name of a member is none that a link could have. */
  toMember(name: string): string {
    return IDENTIFIER.test(name) ? `{@link ${this.#className()}.${name}}` : this.toClass();
  }

  #className(): string {
    const { name, exportedName = name, sourcePath } = this.#model;
    return this.#imports.type(specifierOf(this.#path, sourcePath), exportedName, name);
  }
}

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** What the user says of the class, or that this is its client. */
export function emitClassDocumentation(
  { documentation, kind, name }: NamedClass,
  links: SourceLinks | undefined,
): Layout {
  if (documentation !== undefined) return emitDocumentation(documentation, links?.toClass());
  return emitDocumentation(`/** Calls ${kind}s of the class ${links?.toClass() ?? name}. */`);
}
