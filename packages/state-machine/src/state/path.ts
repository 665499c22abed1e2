/** The place of a value in its container: a property's name, or a position. A map counts keys and values in turn. */
export type Step = string | number;

/** An object that holds others: a plain object, an array, a Map or a Set. */
export type Container = object;

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const SHOWN_KEY_LENGTH = 60;

/**
 * The way from `root` to what `owner` holds at `step`, as a programmer writes it: `.cache.get("a")[2]`. Found by a
 * walk of its own, because only mistakes need it.
 */
export function pathTo(root: unknown, owner: Container | undefined, step: Step): string {
  if (owner === undefined) return '';
  const parents = parentsUntil(root, owner);
  let path = describeStep(owner, step);
  for (let at = parents.get(owner); at; at = parents.get(at.owner)) {
    path = describeStep(at.owner, at.step) + path;
  }
  return path;
}

interface Place {
  readonly owner: Container;
  readonly step: Step;
}

/** Who holds each container that is met before `wanted`, and where. */
function parentsUntil(root: unknown, wanted: Container): ReadonlyMap<Container, Place> {
  const parents = new Map<Container, Place>();
  const met: Container[] = typeof root === 'object' && root !== null ? [root] : [];
  const seen = new Set<Container>(met);
  for (const owner of met) {
    if (owner === wanted) break;
    for (const [step, child] of childrenOf(owner)) {
      if (typeof child !== 'object' || child === null || seen.has(child)) continue;
      seen.add(child);
      parents.set(child, { owner, step });
      met.push(child);
    }
  }
  return parents;
}

function* childrenOf(owner: Container): Iterable<readonly [Step, unknown]> {
  if (owner instanceof Map) {
    let position = 0;
    for (const pair of owner as Map<unknown, unknown>) for (const part of pair) yield [position++, part];
  } else if (owner instanceof Set || Array.isArray(owner)) {
    let position = 0;
    for (const element of owner as Iterable<unknown>) yield [position++, element];
  } else if (!ArrayBuffer.isView(owner)) {
    for (const key of Object.keys(owner)) {
      // An accessor is not called: what it does is nobody's business here.
      const value: unknown = Object.getOwnPropertyDescriptor(owner, key)?.value;
      yield [key, value];
    }
  }
}

/** One step of the way, as {@link pathTo} writes it. */
export function describeStep(owner: Container, step: Step): string {
  if (owner instanceof Map) return describeMapStep(owner as Map<unknown, unknown>, Number(step));
  if (owner instanceof Set) return ` (element ${step})`;
  if (typeof step === 'number') return `[${step}]`;
  return IDENTIFIER.test(step) ? `.${step}` : `[${shown(step)}]`;
}

function describeMapStep(map: ReadonlyMap<unknown, unknown>, position: number): string {
  const pair = position >> 1;
  if (position % 2 === 0) return ` (key ${pair})`;
  const key = [...map.keys()][pair];
  return typeof key === 'string' || typeof key === 'number' ? `.get(${shown(key)})` : ` (value ${pair})`;
}

function shown(key: string | number): string {
  const text = JSON.stringify(key);
  return text.length > SHOWN_KEY_LENGTH ? `${text.slice(0, SHOWN_KEY_LENGTH)}…` : text;
}
