import { compareText, unreachable } from '@decoraft/base';
import type { Operation, Schema } from './schema.js';
import type { Types } from './types.js';
import { optionsOf, type Shape } from './union-options.js';

/**
 * A schema as a graph: a reference is an edge, and may go back. A union has its options as edges and no place of its
 * own: it is the set of them, and a set of one is that one.
 */
interface Node {
  readonly kind: 'shape' | 'union';
  readonly label: string;
  readonly edges: Edge[];
  /** Which nodes are alike as far as was looked: those with the same number. */
  rank: number;
}

interface Edge {
  /** The property's name, or what kind of place in a tuple it is. */
  readonly label: string;
  readonly node: Node;
}

/**
 * The canonical text of a shape: two schemas have the same one if and only if they have the same values written in
 * the same way. Names of types do not count, nor the order of properties and of a union's options; a recursive type is
 * the same however often it was written out. It is hashed on the wire and in logs: it never changes.
 */
export function schemaText(schema: Schema, types: Types): string {
  const nodes: Node[] = [];
  const root = graphOf(schema, types, nodes);
  rankAll(nodes);
  return textOf(root, new Map());
}

/** {@link schemaText} of an operation's arguments. They are positional: their names do not count. */
export function argumentsText(operation: Pick<Operation, 'parameters' | 'rest'>, types: Types): string {
  return schemaText(argumentsSchema(operation), types);
}

/** {@link schemaText} of what an operation gives. */
export function resultText(operation: Pick<Operation, 'result'>, types: Types): string {
  return schemaText(operation.result, types);
}

/** What an operation takes and gives, in one canonical text; neither its name nor its kind. */
export function operationText(
  operation: Pick<Operation, 'parameters' | 'rest' | 'result'>,
  types: Types,
): string {
  return `${argumentsText(operation, types)} => ${resultText(operation, types)}`;
}

/** The arguments of a call, as the tuple that they are on the wire. */
export function argumentsSchema({
  parameters,
  rest,
}: Pick<Operation, 'parameters' | 'rest'>): Schema & { readonly kind: 'tuple' } {
  const elements = parameters.map(({ schema, optional }) => ({ schema, optional }));
  return { kind: 'tuple', elements, ...(rest && { rest: rest.schema }) };
}

/**
 * The options of a union in canonical order, each shape once, without unions and references: for all who number them.
 * The order is that of their {@link schemaText}s, and so the same for the same shape, wherever it stands.
 */
export function canonicalOptions(schema: Schema, types: Types): readonly Shape[] {
  const byText = new Map(optionsOf(schema, types).map((option) => [schemaText(option, types), option]));
  return [...byText].toSorted(([left], [right]) => compareText(left, right)).map(([, option]) => option);
}

function graphOf(root: Schema, types: Types, nodes: Node[]): Node {
  const known = new Map<Shape, Node>();
  const nodeOfSchema = (schema: Schema): Node => {
    const options = optionsOf(schema, types);
    const [only] = options;
    if (only && options.length === 1) return nodeOfShape(only);
    const edges = options.map((option): Edge => ({ label: '', node: nodeOfShape(option) }));
    return keep({ kind: 'union', label: 'union', edges, rank: 0 });
  };
  const nodeOfShape = (shape: Shape): Node => {
    const found = known.get(shape);
    if (found) return found;
    const node = keep({ kind: 'shape', label: labelOf(shape), edges: [], rank: 0 });
    known.set(shape, node);
    for (const [label, schema] of edgesOf(shape)) node.edges.push({ label, node: nodeOfSchema(schema) });
    return node;
  };
  const keep = (node: Node): Node => {
    nodes.push(node);
    return node;
  };
  return nodeOfSchema(root);
}

function labelOf(shape: Shape): string {
  if (shape.kind !== 'literal') return shape.kind;
  return typeof shape.value === 'bigint' ? `${shape.value}n` : JSON.stringify(shape.value);
}

function edgesOf(shape: Shape): readonly (readonly [label: string, schema: Schema])[] {
  switch (shape.kind) {
    case 'array':
    case 'set':
      return [['', shape.element]];
    case 'record':
      return [['', shape.value]];
    case 'map':
      return [
        ['', shape.key],
        ['', shape.value],
      ];
    case 'tuple': {
      const elements = shape.elements.map(({ schema, optional }) => [optional ? '?' : '', schema] as const);
      return shape.rest ? [...elements, ['...', shape.rest]] : elements;
    }
    case 'object':
      return shape.properties
        .toSorted((left, right) => compareText(left.name, right.name))
        .map(({ name, optional, schema }) => [`${JSON.stringify(name)}${optional ? '?' : ''}:`, schema]);
    case 'void':
    case 'null':
    case 'boolean':
    case 'number':
    case 'bigint':
    case 'string':
    case 'date':
    case 'bytes':
    case 'unknown':
    case 'literal':
      return [];
    default:
      return unreachable(shape);
  }
}

/**
 * Nodes of one shape get the same rank, all others different ones. Round by round they are told apart by what is one step
 * further away, until a round tells no more apart than the one before. Ranks follow the order of texts, in which no
 * names and no earlier order are: the same graph gets the same ranks, however it was written.
 */
function rankAll(nodes: readonly Node[]): void {
  for (let classes = 0; ;) {
    const texts = nodes.map(stepText);
    const order = [...new Set(texts)].toSorted(compareText);
    const ranks = new Map(order.map((text, rank) => [text, rank]));
    for (const [at, node] of nodes.entries()) node.rank = ranks.get(texts[at] ?? '') ?? 0;
    if (order.length === classes) return;
    classes = order.length;
  }
}

/** What a node is when its edges are followed for one step. The options of a union are no step away from it. */
function stepText(node: Node): string {
  if (node.kind === 'shape')
    return `${node.label}(${node.edges.map(({ label, node: { rank } }) => label + String(rank)).join(',')})`;
  const options = [...new Set(node.edges.map(({ node: option }) => stepText(option)))].toSorted(compareText);
  const [only] = options;
  return only !== undefined && options.length === 1 ? only : `union(${options.join('|')})`;
}

/** @param numbers By rank, those with edges that are written already: they are named by their number. */
function textOf(node: Node, numbers: Map<number, number>): string {
  const number = numbers.get(node.rank);
  if (number !== undefined) return `#${number}`;
  const edges = node.kind === 'union' ? optionEdges(node) : node.edges;
  const [only] = edges;
  if (node.kind === 'union' && only && edges.length === 1) return textOf(only.node, numbers);
  if (edges.length === 0) return node.kind === 'union' ? 'never' : node.label;
  numbers.set(node.rank, numbers.size);
  return `${node.label}(${edges.map((edge) => edge.label + textOf(edge.node, numbers)).join(',')})`;
}

/** The options by rank, each shape once. */
function optionEdges({ edges }: Node): readonly Edge[] {
  const byRank = new Map(edges.map((edge) => [edge.node.rank, edge]));
  return [...byRank].toSorted(([left], [right]) => left - right).map(([, edge]) => edge);
}
