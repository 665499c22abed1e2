import { type Change, type Comparison, type Verdict, VERDICTS } from '@decoraft/codegen';

/** What is told of changes: what breaks in full, what is safe on a line each. */
export function describeChanges({ changes, classCount }: Comparison, against: string): readonly string[] {
  const sections = VERDICTS.toReversed().flatMap((verdict) => {
    const own = changes.filter((change) => change.verdict === verdict);
    if (own.length === 0) return [];
    return [
      verdict,
      ...own.flatMap((change) => (verdict === 'safe' ? describeSafe(change) : describeBreaking(change))),
      '',
    ];
  });
  return [...sections, summaryOf(changes, classCount, against)];
}

function describeSafe({ after, before, rule, subject }: Change): readonly string[] {
  return [`  ${subject}  ${rule}`, ...sidesOf(before, after)];
}

function describeBreaking({ after, before, details, remedy, rule, subject, why }: Change): readonly string[] {
  return [
    `  ${subject}  ${rule}: ${why}.`,
    ...sidesOf(before, after),
    ...details.map((detail) => `      ${detail}`),
    ...(remedy === undefined ? [] : [`    → ${remedy}`]),
  ];
}

function sidesOf(before: string | undefined, after: string | undefined): readonly string[] {
  return [
    ...(before === undefined ? [] : [`    - ${before}`]),
    ...(after === undefined || after === before ? [] : [`    + ${after}`]),
  ];
}

function summaryOf(changes: readonly Change[], classCount: number, against: string): string {
  const counted = VERDICTS.toReversed().flatMap((verdict) => {
    const count = changes.filter((change) => change.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${count === 1 ? verdict : PLURAL[verdict]}`];
  });
  const classes = `${classCount} class${classCount === 1 ? '' : 'es'}`;
  return `${classes} against ${against}: ${counted.length === 0 ? 'nothing changed' : counted.join(', ')}.`;
}

const PLURAL: Readonly<Record<Verdict, string>> = {
  safe: 'safe',
  'breaks clients': 'break clients',
  'breaks the log': 'break the log',
};
