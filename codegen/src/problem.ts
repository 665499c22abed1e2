import { compareText } from '@decoraft/base';
import type { Position } from './position.js';

/** All codes, stable across releases. Each has an entry in docs/problems.md. */
export const PROBLEM_CODES = [
  'no-machine',
  'syntax-error',
  'class-anonymous',
  'class-not-exported',
  'class-generic',
  'class-not-a-machine',
  'class-not-a-service',
  'class-without-operations',
  'base-unreadable',
  'base-compiled',
  'file-name-clash',
  'member-not-public',
  'member-static',
  'member-abstract',
  'member-computed-name',
  'member-reserved-name',
  'member-id-clash',
  'method-expected',
  'method-async',
  'method-generator',
  'method-generic',
  'method-overloaded',
  'decorated-twice',
  'decorator-misplaced',
  'consistency-unreadable',
  'option-unreadable',
  'event-expected',
  'event-undecorated',
  'event-without-signature',
  'event-parameter',
  'parameter-destructured',
  'stream-parameter',
  'query-changes-state',
  'impure-clock',
  'impure-random',
  'impure-timer',
  'impure-io',
  'impure-environment',
  'impure-global',
  'impure-await',
  'impure-order',
  'impure-float',
  'impure-locale',
  'impure-code',
  'allow-without-reason',
  'allow-unused',
  'schedule-delay',
  'schedule-method',
  'schedule-arguments',
  'state-private',
  'state-function',
  'state-symbol',
  'state-class',
  'state-promise',
  'state-library',
  'snapshot-unpaired',
  'snapshot-form',
  'session-hook-form',
  'derived-not-a-field',
  'derived-without-restored',
  'version-unreadable',
  'migration-form',
  'migrate-without-previous',
  'previous-without-version',
  'previous-not-older',
  'previous-not-read',
  'lock-unreadable',
  'version-lowered',
  'operation-gone',
  'operation-reused',
  'was-unknown',
  'was-not-first',
  'type-any',
  'type-unknown',
  'type-unchecked',
  'type-never',
  'type-unresolved',
  'type-function',
  'type-symbol',
  'type-class',
  'type-promise',
  'type-library',
  'type-parameter',
  'type-empty-object',
  'type-mixed-index',
  'type-tuple-rest',
  'type-unnamed-brand',
  'type-too-deep',
  'type-not-exported',
] as const;

export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** What is generated all the same: the user asked for it, and is told what follows from it. */
const WARNINGS: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'allow-unused',
  'previous-not-read',
  'type-unchecked',
]);

/** What the checks find. How bad it is depends on nothing but the code. */
export interface Finding {
  readonly code: ProblemCode;
  /** `undefined` where the problem is the run's and not a place's. */
  readonly position: Position | undefined;
  /** `Class`, or `Class.member`; empty where there is none. */
  readonly subject: string;
  readonly message: string;
  /** What to write instead. */
  readonly remedy: string;
}

/** An error is why nothing was generated; a warning stops nothing. */
export interface Problem extends Finding {
  readonly severity: 'error' | 'warning';
}

/** In the order of files, lines and columns, each once. */
export function sortProblems(findings: readonly Finding[]): readonly Problem[] {
  const unique = new Map(findings.map((finding) => [JSON.stringify(finding), finding]));
  const problems = [...unique.values()].map((finding): Problem => ({
    ...finding,
    severity: WARNINGS.has(finding.code) ? 'warning' : 'error',
  }));
  return problems.toSorted(
    (left, right) =>
      compareText(left.position?.file ?? '', right.position?.file ?? '') ||
      (left.position?.line ?? 0) - (right.position?.line ?? 0) ||
      (left.position?.column ?? 0) - (right.position?.column ?? 0) ||
      compareText(left.code, right.code) ||
      compareText(left.message, right.message),
  );
}
