import { Node, type Signature, type Symbol as TypeScriptSymbol, type Type, type TypeNode } from 'ts-morph';
import type { ParameterModel } from '../model.js';
import type { Position } from '../position.js';
import { type TypeModel, UNDEFINED } from '../type-model.js';
import { unionOf } from '../union-model.js';
import { readOptional } from './object-types.js';
import type { Locate } from './positions.js';
import { awaitedOf, itemsOf } from './streams.js';
import type { TypeContext } from './type-context.js';

/** What goes into an operation, and what comes out. */
export interface SignatureModel {
  readonly parameters: readonly ParameterModel[];
  readonly result: TypeModel;
  readonly isStream: boolean;
}

/** Of a member that is no method and no event. */
export const NO_SIGNATURE: SignatureModel = {
  parameters: [],
  result: { kind: 'primitive', name: 'void' },
  isStream: false,
};

/**
 * @param signature As the machine sees it, type arguments of its base classes put in.
 * @param written The method or function type that was written.
 */
export function readSignature(
  signature: Signature,
  written: Node | undefined,
  types: TypeContext,
  locate: Locate,
): SignatureModel {
  const node = Node.isReturnTyped(written) ? written.getReturnTypeNode() : undefined;
  const parameters = signature.getParameters().flatMap((symbol) => readParameter(symbol, types, locate));
  const result = types.read(signature.getReturnType(), node);
  return { parameters: closeGaps(parameters), result, isStream: false };
}

/** The same of a service's method, which may give promises, and take and give streams. */
export function readProcedure(
  signature: Signature,
  written: Node | undefined,
  types: TypeContext,
  locate: Locate,
): SignatureModel {
  const node = Node.isReturnTyped(written) ? written.getReturnTypeNode() : undefined;
  const parameters = signature
    .getParameters()
    .flatMap((symbol) => readSource(symbol, types, locate) ?? readParameter(symbol, types, locate));
  const awaited = awaitedOf({ type: signature.getReturnType(), node }, types.library);
  const items = itemsOf(awaited, types.library);
  const { type, node: where } = items ?? awaited;
  return {
    parameters: closeGaps(parameters),
    result: types.read(type, where),
    isStream: items !== undefined,
  };
}

/** A parameter that takes a stream; `undefined` for any other. */
function readSource(
  symbol: TypeScriptSymbol,
  types: TypeContext,
  locate: Locate,
): readonly ParameterModel[] | undefined {
  const declaration = symbol.getValueDeclaration();
  if (!Node.isParameterDeclaration(declaration) || declaration.isRestParameter()) return undefined;
  const type = types.typeOf(symbol);
  const items = itemsOf({ type: type.getNonNullableType(), node: declaration.getTypeNode() }, types.library);
  if (!items) return undefined;
  const isOptional = declaration.hasQuestionToken() || declaration.hasInitializer() || type.isNullable();
  return [
    {
      name: declaration.getName(),
      position: locate(declaration),
      type: types.read(items.type, items.node),
      isOptional,
      isRest: false,
      isStream: true,
      isDestructured: !Node.isIdentifier(declaration.getNameNode()),
    },
  ];
}

function readParameter(
  symbol: TypeScriptSymbol,
  types: TypeContext,
  locate: Locate,
): readonly ParameterModel[] {
  const declaration = symbol.getValueDeclaration();
  if (!Node.isParameterDeclaration(declaration)) return [];
  const type = types.typeOf(symbol);
  const node = declaration.getTypeNode();
  const position = locate(declaration);
  if (declaration.isRestParameter()) return readRest(declaration.getName(), types.read(type, node), position);
  const isOptional = declaration.hasQuestionToken() || declaration.hasInitializer();
  return [
    {
      name: declaration.getName(),
      position,
      type: readWritten(types, { type, node, isOptional }),
      isOptional,
      isRest: false,
      isStream: false,
      isDestructured: !Node.isIdentifier(declaration.getNameNode()),
    },
  ];
}

function readWritten(
  types: TypeContext,
  {
    type,
    node,
    isOptional,
  }: { readonly type: Type; readonly node: TypeNode | undefined; readonly isOptional: boolean },
): TypeModel {
  return isOptional ? readOptional(types, type, node) : types.read(type, node);
}

/** `...items: Item[]` is a rest; `...pair: [key: string, value?: number]` are two parameters. */
function readRest(name: string, type: TypeModel, position: Position): readonly ParameterModel[] {
  const rest = { name, position, isOptional: false, isRest: true, isStream: false, isDestructured: false };
  if (type.kind === 'array') return [{ ...rest, type: type.element }];
  if (type.kind !== 'tuple') return [{ ...rest, type }];
  const elements = type.elements.map((element, at) => ({
    name: element.label ?? `${name}${at + 1}`,
    position,
    type: element.type,
    isOptional: element.isOptional,
    isRest: false,
    isStream: false,
    isDestructured: false,
  }));
  return type.rest
    ? [...elements, { ...rest, name: type.rest.label ?? name, type: type.rest.type }]
    : elements;
}

/** A default before a parameter that must be given cannot be left out: it takes `undefined`. */
function closeGaps(parameters: readonly ParameterModel[]): readonly ParameterModel[] {
  const lastRequired = parameters.findLastIndex((parameter) => !parameter.isOptional && !parameter.isRest);
  return parameters.map((parameter, at) =>
    parameter.isOptional && at < lastRequired
      ? { ...parameter, isOptional: false, type: unionOf([parameter.type, UNDEFINED]) }
      : parameter,
  );
}

/** The signature of an event from its resolved type, `EventSource<[key: string], Item>`. */
export function readSourceType(
  type: Type,
  call: Node,
  types: TypeContext,
  locate: Locate,
): SignatureModel | undefined {
  if (type.isAny()) {
    return {
      parameters: [],
      result: { kind: 'unsupported', fault: 'unresolved', text: "event of 'decoraft'" },
      isStream: false,
    };
  }
  const [parameters, value] = type.getAliasTypeArguments();
  if (!parameters || !value) return undefined;
  return {
    parameters: closeGaps(readRest('parameter', types.read(parameters, undefined), locate(call))),
    result: types.read(value, undefined),
    isStream: false,
  };
}
