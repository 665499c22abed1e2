import { InvariantViolation, unreachable } from '@decoraft/base';
import type { Definition, Definitions, PropertyModel, TypeModel } from '../type-model.js';
import type { Imports } from './imports.js';
import { group, ifBroken, indent, join, type Layout, line, list, softLine } from './layout.js';
import { propertyName, quote } from './literal.js';
import { specifierOf } from './specifiers.js';

/** Options behind what stands before them, or below it, on one line or each on its own. */
export function emitOptions(options: readonly Layout[]): Layout {
  return group(indent(softLine, joinOptions(options)));
}

function joinOptions(options: readonly Layout[]): Layout {
  const [first = '', ...others] = options.map((option) => indent(option));
  return group(
    ifBroken('| '),
    first,
    others.map((option) => [line, '| ', option]),
  );
}

/** Writes types for one file: by their names where these can be imported, else in full. */
export class TypeText {
  readonly #definitions: Definitions;
  readonly #imports: Imports;
  readonly #path: string;

  /** @param path The file that is written, absolute. */
  constructor(definitions: Definitions, imports: Imports, path: string) {
    this.#definitions = definitions;
    this.#imports = imports;
    this.#path = path;
  }

  emit(type: TypeModel): Layout {
    const visible = this.#visible(type);
    if (visible.kind !== 'union') return this.#emitSimple(visible);
    if (this.#isHuggedUnion(visible)) return this.#emitHuggedUnion(visible);
    return emitOptions(this.#options(visible));
  }

  /** Whether a type is written as `{ … }`: such a one stands closer to its brackets. */
  isObject(type: TypeModel): boolean {
    return this.#visible(type).kind === 'object';
  }

  /** `{ … }` without a group: it breaks with what is around it. */
  emitOpenObject(type: TypeModel): Layout {
    const visible = this.#visible(type);
    return visible.kind === 'object' ? this.#objectParts(visible.properties) : this.emit(type);
  }

  /** `Promise<…>`. */
  emitReference(name: string, typeArguments: readonly TypeModel[]): Layout {
    const [only, ...others] = typeArguments;
    if (!only) return name;
    if (others.length === 0 && this.#isHugged(only)) return [name, '<', this.emit(only), '>'];
    const items = typeArguments.map((argument) => this.#emitArgument(argument));
    return [name, group('<', indent(softLine, join([',', line], items)), softLine, '>')];
  }

  /** `{ … } | null` is broken like the object alone. */
  #isHuggedUnion(type: TypeModel): boolean {
    if (type.kind !== 'union') return false;
    const others = type.options.filter((option) => !isNull(option));
    const [only] = others;
    return others.length === 1 && only !== undefined && HUGGED.has(this.#visible(only).kind);
  }

  #emitHuggedUnion(type: TypeModel & { readonly kind: 'union' }): Layout {
    return join(
      ' | ',
      type.options.map((option) => this.emit(option)),
    );
  }

  /** In brackets of their own, options are not indented once more. */
  #emitArgument(type: TypeModel): Layout {
    const visible = this.#visible(type);
    if (visible.kind !== 'union' || this.#isHuggedUnion(visible)) return this.emit(visible);
    return joinOptions(this.#options(visible));
  }

  #options(union: TypeModel & { readonly kind: 'union' }): readonly Layout[] {
    // What is written in full may be a union in turn.
    return union.options.flatMap((option) => {
      const visible = this.#visible(option);
      return visible.kind === 'union' ? this.#options(visible) : [this.#emitSimple(visible)];
    });
  }

  #emitSimple(type: Exclude<TypeModel, { readonly kind: 'union' }>): Layout {
    switch (type.kind) {
      case 'primitive':
        return type.name;
      case 'date':
        return 'Date';
      case 'bytes':
        return 'Uint8Array';
      case 'literal':
        return emitLiteralType(type.value);
      case 'template':
        return type.text;
      case 'array':
        return [type.isReadonly ? 'readonly ' : '', this.#emitElement(type.element), '[]'];
      case 'tuple':
        return this.#emitTuple(type);
      case 'record':
        return this.emitReference('Record', [{ kind: 'primitive', name: 'string' }, type.value]);
      case 'map':
        return this.emitReference(type.isReadonly ? 'ReadonlyMap' : 'Map', [type.key, type.value]);
      case 'set':
        return this.emitReference(type.isReadonly ? 'ReadonlySet' : 'Set', [type.element]);
      case 'object':
        return group(this.#objectParts(type.properties));
      case 'named':
        return this.emitReference(this.#nameOf(type.definition), type.typeArguments);
      case 'enum-member':
        return `${this.#nameOf(type.definition)}.${type.member}`;
      case 'unchecked':
        return 'unknown';
      case 'brand':
      case 'unsupported':
        throw new InvariantViolation(`no text is made of a ${type.kind} type before the checks pass`);
      default:
        return unreachable(type);
    }
  }

  #emitElement(element: TypeModel): Layout {
    const visible = this.#visible(element);
    if (visible.kind === 'union') {
      const options = joinOptions(this.#options(visible));
      return ['(', group(indent(softLine, options), softLine), ')'];
    }
    const isReadonly = (visible.kind === 'array' || visible.kind === 'tuple') && visible.isReadonly;
    return isReadonly ? ['(', this.#emitSimple(visible), ')'] : this.#emitSimple(visible);
  }

  #emitTuple(type: TypeModel & { readonly kind: 'tuple' }): Layout {
    const elements = type.elements.map(({ type: element, isOptional, label }): Layout => {
      if (label !== undefined) return [label, isOptional ? '?: ' : ': ', this.emit(element)];
      if (isOptional) return [this.#emitElement(element), '?'];
      return type.elements.length + (type.rest ? 1 : 0) === 1
        ? this.#emitArgument(element)
        : this.#emitAmong(element);
    });
    const rest = type.rest ? [this.#emitRest(type.rest.type, type.rest.label)] : [];
    return [type.isReadonly ? 'readonly ' : '', list('[', [...elements, ...rest], ']')];
  }

  /** Beside others, options that take several lines are put in brackets. */
  #emitAmong(type: TypeModel): Layout {
    const visible = this.#visible(type);
    if (visible.kind !== 'union' || this.#isHuggedUnion(visible)) return this.emit(visible);
    const options = joinOptions(this.#options(visible));
    return group(indent(ifBroken(['(', softLine]), options), softLine, ifBroken(')'));
  }

  #emitRest(element: TypeModel, label: string | undefined): Layout {
    return ['...', label === undefined ? '' : `${label}: `, this.#emitElement(element), '[]'];
  }

  #objectParts(properties: readonly PropertyModel[]): Layout {
    const items = properties.map((property) => [
      property.isReadonly ? 'readonly ' : '',
      propertyName(property.name),
      property.isOptional ? '?: ' : ': ',
      this.emit(property.type),
    ]);
    return ['{', indent(line, join([';', line], items)), ifBroken(';'), line, '}'];
  }

  /** The type as it is written: a name that cannot be imported is what it stands for. */
  #visible(type: TypeModel): TypeModel {
    if (type.kind === 'unchecked' && type.type) return this.#visible(type.type);
    if (type.kind !== 'named') return type;
    const definition = this.#definitions.get(type.definition);
    return definition?.origin.kind === 'not-exported' ? this.#visible(definition.structure) : type;
  }

  /** Names and objects need no line of their own between angle brackets. */
  #isHugged(type: TypeModel): boolean {
    const visible = this.#visible(type);
    if (visible.kind === 'named') return visible.typeArguments.length === 0;
    if (this.#isHuggedUnion(visible)) return true;
    return ['primitive', 'date', 'bytes', 'object', 'enum-member', 'unchecked'].includes(visible.kind);
  }

  #nameOf(key: string): string {
    const definition = this.#definitions.get(key);
    return definition ? this.#import(definition) : '';
  }

  #import({ name, origin }: Definition): string {
    switch (origin.kind) {
      case 'file':
        return this.#imports.type(specifierOf(this.#path, origin.path), origin.exportedName, name);
      case 'package':
        return this.#imports.type(origin.specifier, origin.exportedName, name);
      case 'global':
      case 'not-exported':
        return name;
      default:
        return unreachable(origin);
    }
  }
}

/** What is written with a name, or as an object. */
const HUGGED: ReadonlySet<string> = new Set<TypeModel['kind']>([
  'bytes',
  'date',
  'enum-member',
  'map',
  'named',
  'object',
  'record',
  'set',
]);

function isNull(type: TypeModel): boolean {
  return type.kind === 'primitive' && (type.name === 'null' || type.name === 'void');
}

function emitLiteralType(value: string | number | boolean | bigint): string {
  if (typeof value === 'string') return quote(value);
  return typeof value === 'bigint' ? `${value}n` : String(value);
}
