import type { ts } from 'ts-morph';
import type { ImpurityKind } from '../../model.js';

/** What a piece of code does by itself, and where it leads. Found once for each, whoever comes there. */
export interface Summary {
  readonly offences: readonly Offence[];
  readonly leads: readonly Lead[];
}

/** An expression that is not the same on every replica. */
export interface Offence {
  readonly kind: ImpurityKind;
  readonly node: ts.Node;
}

/** What a piece of code names and may run. */
export type Lead =
  /** `this.name`: the nearest of that name, as the class that it runs in sees it. */
  | { readonly kind: 'own'; readonly name: string; readonly node: ts.Node }
  /** `super.name`, seen from the class that it stands in. */
  | { readonly kind: 'super'; readonly name: string; readonly node: ts.Node }
  /** A function, a method or an accessor of the user's. */
  | { readonly kind: 'function'; readonly target: ts.FunctionLikeDeclaration; readonly node: ts.Node }
  /** A class of the user's, constructed. */
  | { readonly kind: 'class'; readonly target: ts.ClassLikeDeclaration; readonly node: ts.Node }
  /** A variable of a module, or a static field. */
  | { readonly kind: 'variable'; readonly target: ModuleVariable; readonly node: ts.Node };

export type ModuleVariable = ts.VariableDeclaration | ts.PropertyDeclaration;
