import type { ClassModel, MemberModel } from '../model.js';
import type { Position } from '../position.js';
import type { Finding } from '../problem.js';
import type { Definition, Definitions, TypeModel } from '../type-model.js';
import { isRecursive, partsOf } from '../type-parts.js';
import { TYPE_FAULTS } from './type-faults.js';

/** A place in a type: who reports it, and the words that lead there. */
interface Place {
  readonly subject: string;
  readonly position: Position;
  /** `parameter item`. */
  readonly start: string;
  /** What leads from there: `.tags[]`. */
  readonly steps: string;
}

/** Finds what cannot cross the wire, in one class; what stands in a named type is reported where it is first used. */
export class TypeChecks {
  readonly #model: ClassModel;
  readonly #visited = new Set<string>();
  readonly #problems: Finding[] = [];
  #faults = 0;

  constructor(model: ClassModel) {
    this.#model = model;
  }

  get problems(): readonly Finding[] {
    return this.#problems;
  }

  check(member: MemberModel): void {
    const subject = `${this.#model.name ?? ''}.${member.name}`;
    for (const { type, position, name } of member.parameters) {
      this.#check(type, { subject, position, start: `parameter ${name}`, steps: '' });
    }
    const start = member.form === 'method' ? 'the result' : 'the value';
    this.#check(member.result, { subject, position: member.resultPosition, start, steps: '' });
    for (const { code, data, position } of member.errors) {
      if (data) this.#check(data, { subject, position, start: `the data of error ${code}`, steps: '' });
    }
  }

  #check(type: TypeModel, place: Place): void {
    if (type.kind === 'unchecked') this.#warn(place);
    if (type.kind === 'unsupported') return this.#reportFault(type, place);
    if (type.kind === 'brand') return this.#reportNameless(place);
    if (type.kind === 'enum-member') return this.#checkNamed(type.definition, place);
    if (type.kind === 'named') {
      const found = this.#faults;
      this.#checkNamed(type.definition, place);
      // Most of what is wrong with an argument is wrong where it is used, and was said there.
      if (this.#faults > found) return;
    }
    for (const part of partsOf(type)) this.#check(part.type, { ...place, steps: place.steps + part.step });
  }

  #checkNamed(key: string, place: Place): void {
    const definition = this.#model.definitions.get(key);
    if (!definition || this.#visited.has(key)) return;
    this.#visited.add(key);
    if (definition.origin.kind === 'not-exported') this.#checkUnexported(key, definition, place);
    if (definition.structure.kind !== 'brand') this.#check(definition.structure, place);
  }

  /** What is not exported is written out where it is used; not all can be. */
  #checkUnexported(key: string, definition: Definition, place: Place): void {
    const why = whyNotWrittenOut(key, definition, this.#model.definitions);
    if (!why) return;
    this.#report(place, {
      code: 'type-not-exported',
      message: `${place.start}${place.steps} uses ${definition.name}, which is ${why} and not exported: it has to be imported by its name`,
      remedy: `Export it where it is declared; if it comes from a package, import it by its name in the file of the class.`,
    });
  }

  #reportNameless(place: Place): void {
    this.#report(place, {
      code: 'type-unnamed-brand',
      message: `${place.start}${place.steps} is a branded primitive without a name`,
      remedy: 'Give it a name and export it: `export type UserId = string & { readonly __brand: "UserId" }`.',
    });
  }

  #reportFault({ fault, text }: TypeModel & { readonly kind: 'unsupported' }, place: Place): void {
    const { code, describe, remedy } = TYPE_FAULTS[fault];
    // Of what has no end, one word is enough.
    const steps = fault === 'too-deep' ? '' : place.steps;
    this.#report(place, { code, message: `${place.start}${steps} ${describe(text)}`, remedy });
  }

  #warn({ subject, position, start, steps }: Place): void {
    this.#problems.push({
      code: 'type-unchecked',
      subject,
      position,
      message: `${start}${steps} is marked \`Unchecked\`: whatever the wire carries passes here, and what a command took stays in the log`,
      remedy: 'Look at the value before the state depends on it; write its type as soon as it is known.',
    });
  }

  #report({ subject, position }: Place, words: Pick<Finding, 'code' | 'message' | 'remedy'>): void {
    this.#faults++;
    this.#problems.push({ subject, position, ...words });
  }
}

function whyNotWrittenOut(key: string, definition: Definition, definitions: Definitions): string | undefined {
  if (definition.isEnum) return 'an enum';
  if (definition.structure.kind === 'brand') return 'a brand';
  return isRecursive(key, definitions) ? 'recursive' : undefined;
}
