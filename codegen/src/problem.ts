import { compareText } from '@decoraft/base';
import type { Position } from './position.js';

/** All codes, stable across releases. */
export type ProblemCode =
  | 'no-machine'
  | 'syntax-error'
  | 'class-anonymous'
  | 'class-not-exported'
  | 'class-generic'
  | 'class-not-a-machine'
  | 'class-not-a-service'
  | 'class-without-operations'
  | 'file-name-clash'
  | 'member-not-public'
  | 'member-static'
  | 'member-abstract'
  | 'member-computed-name'
  | 'member-reserved-name'
  | 'member-id-clash'
  | 'method-expected'
  | 'method-async'
  | 'method-generator'
  | 'method-generic'
  | 'method-overloaded'
  | 'decorated-twice'
  | 'decorator-misplaced'
  | 'consistency-unreadable'
  | 'event-expected'
  | 'event-undecorated'
  | 'event-without-signature'
  | 'event-parameter'
  | 'parameter-destructured'
  | 'stream-parameter'
  | 'query-changes-state'
  | 'schedule-delay'
  | 'schedule-method'
  | 'schedule-arguments'
  | 'state-private'
  | 'state-function'
  | 'state-symbol'
  | 'state-class'
  | 'state-promise'
  | 'state-library'
  | 'snapshot-unpaired'
  | 'snapshot-form'
  | 'session-hook-form'
  | 'derived-not-a-field'
  | 'derived-without-restored'
  | 'type-any'
  | 'type-unknown'
  | 'type-never'
  | 'type-unresolved'
  | 'type-function'
  | 'type-symbol'
  | 'type-class'
  | 'type-promise'
  | 'type-library'
  | 'type-parameter'
  | 'type-empty-object'
  | 'type-mixed-index'
  | 'type-tuple-rest'
  | 'type-unnamed-brand'
  | 'type-too-deep'
  | 'type-not-exported';

/** Why nothing was generated, and what to write instead. */
export interface Problem {
  readonly code: ProblemCode;
  /** `undefined` where the problem is the run's and not a place's. */
  readonly position: Position | undefined;
  /** `Class`, or `Class.member`; empty where there is none. */
  readonly subject: string;
  readonly message: string;
  /** What to write instead. */
  readonly remedy: string;
}

/** In the order of files, lines and columns, each once. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  const unique = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...unique.values()].toSorted(
    (left, right) =>
      compareText(left.position?.file ?? '', right.position?.file ?? '') ||
      (left.position?.line ?? 0) - (right.position?.line ?? 0) ||
      (left.position?.column ?? 0) - (right.position?.column ?? 0) ||
      compareText(left.code, right.code) ||
      compareText(left.message, right.message),
  );
}
