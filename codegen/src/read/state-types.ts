import { type Node, type Symbol as TypeScriptSymbol, ts, type Type } from 'ts-morph';
import type { StateFaultModel } from '../model.js';
import type { Library } from './library-types.js';
import { isClassSymbol } from './names.js';

/** Classes of the language that a snapshot keeps, beside Map, Set, Date and Uint8Array. */
const MEMORY: ReadonlySet<string> = new Set([
  'ArrayBuffer',
  'ArrayBufferLike',
  'Int8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
]);

/** Types that are built from themselves with ever new arguments have no end. */
const DEPTH_LIMIT = 24;

/** A type within the type of a field, and what leads there. */
interface Place {
  readonly type: Type;
  readonly steps: string;
  readonly depth: number;
}

/**
 * The first thing that a field of this type may hold and no snapshot can keep. What a type does not say (`unknown`,
 * `any`, `object`, an open type parameter) is left to the registration of the machine, which sees the values.
 *
 * @param from Where types are seen from.
 */
export function findStateFault(type: Type, from: Node, library: Library): StateFaultModel | undefined {
  const seen = new Set<ts.Type>();
  const waiting: Place[] = [{ type, steps: '', depth: 0 }];
  for (const place of waiting) {
    if (seen.has(place.type.compilerType) || place.depth > DEPTH_LIMIT) continue;
    seen.add(place.type.compilerType);
    const fault = faultOf(place.type, library);
    if (fault) return { fault, text: textOf(place.type), steps: place.steps };
    waiting.push(...partsOf(place, from, library));
  }
  return undefined;
}

function faultOf(type: Type, library: Library): StateFaultModel['fault'] | undefined {
  if ((type.getFlags() & ts.TypeFlags.ESSymbolLike) !== 0) return 'symbol';
  if (!type.isObject() || type.isArray() || type.isReadonlyArray() || type.isTuple()) return undefined;
  const symbol = type.getSymbol();
  const ofLibrary = symbol && library.typeOf(symbol);
  if (ofLibrary === 'promise' || ofLibrary === 'function') return ofLibrary;
  if (symbol && ofLibrary === 'other') return isData(type, symbol) ? undefined : 'library';
  if (ofLibrary !== undefined) return undefined;
  if (symbol && isClassSymbol(symbol)) return 'class';
  if (type.getCallSignatures().length + type.getConstructSignatures().length > 0) return 'function';
  return type.getProperties().some((property) => property.getEscapedName().startsWith('__@'))
    ? 'symbol'
    : undefined;
}

/** Of a type of the language's own: whether it is memory, or describes a plain object and not an instance. */
function isData(type: Type, symbol: TypeScriptSymbol): boolean {
  if (MEMORY.has(symbol.getName())) return true;
  const isConstructed = (symbol.getFlags() & (ts.SymbolFlags.Variable | ts.SymbolFlags.Class)) !== 0;
  // What can be iterated over is known by a symbol only.
  const isSymbolic = type.getProperties().some((property) => property.getEscapedName().startsWith('__@'));
  return !isConstructed && !isSymbolic;
}

function partsOf(place: Place, from: Node, library: Library): readonly Place[] {
  const { type, steps } = place;
  const part = (of: Type, step: string): Place => ({ type: of, steps: steps + step, depth: place.depth + 1 });
  if (type.isUnion()) return type.getUnionTypes().map((option) => part(option, ''));
  if (type.isIntersection()) {
    // A branded primitive is a primitive, whatever the compiler is told that it has.
    if (type.getIntersectionTypes().some((one) => !one.isObject())) return [];
    return propertiesOf(type, from, part);
  }
  if (!type.isObject()) return [];
  const element = type.getArrayElementType();
  if (element) return [part(element, '[]')];
  if (type.isTuple()) return type.getTupleElements().map((one, at) => part(one, `[${at}]`));
  const symbol = type.getSymbol();
  switch (symbol && library.typeOf(symbol)) {
    case 'map':
    case 'readonly-map':
      return type.getTypeArguments().map((one, at) => part(one, at === 0 ? ' (key)' : ' (value)'));
    case 'set':
    case 'readonly-set':
      return type.getTypeArguments().map((one) => part(one, '[]'));
    case 'date':
    case 'bytes':
      return [];
    default:
      return symbol && library.has(symbol) && MEMORY.has(symbol.getName())
        ? []
        : propertiesOf(type, from, part);
  }
}

function propertiesOf(type: Type, from: Node, part: (of: Type, step: string) => Place): readonly Place[] {
  const named = type
    .getProperties()
    .map((property) => part(property.getTypeAtLocation(from), `.${property.getName()}`));
  const free = [type.getStringIndexType(), type.getNumberIndexType()].flatMap((one) =>
    one ? [part(one, '[key]')] : [],
  );
  return [...named, ...free];
}

function textOf(type: Type): string {
  return type.getText(undefined, ts.TypeFormatFlags.None);
}
