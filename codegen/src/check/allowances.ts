import { compareText } from '@decoraft/base';
import type { AllowanceModel, ClassModel } from '../model.js';
import { type Finding, PROBLEM_CODES } from '../problem.js';

/** What an author may allow: the state of the replicas is then the author's word. */
const ALLOWABLE: ReadonlySet<string> = new Set(
  PROBLEM_CODES.filter((code) => code.startsWith('impure-') || code === 'query-changes-state'),
);

/** Takes away what is allowed, and adds what is wrong with how it is. One comment may serve several machines. */
export function applyAllowances(
  findings: readonly Finding[],
  classes: readonly ClassModel[],
): readonly Finding[] {
  const allowances = uniqueOf(classes.flatMap((model) => (model.kind === 'machine' ? model.allowances : [])));
  if (allowances.length === 0) return findings;
  const used = new Map<AllowanceModel, Set<string>>(allowances.map((allowance) => [allowance, new Set()]));
  const left = findings.filter(({ code, position }) => {
    if (!ALLOWABLE.has(code)) return true;
    const allowing = allowances.filter(
      ({ codes, line, position: { file } }) =>
        file === position?.file && line === position.line && codes.includes(code),
    );
    for (const allowance of allowing) used.get(allowance)?.add(code);
    return allowing.length === 0;
  });
  return [...left, ...allowances.flatMap((allowance) => complaintsOf(allowance, used.get(allowance)))];
}

function complaintsOf(
  { codes, position, reason }: AllowanceModel,
  used: ReadonlySet<string> = new Set(),
): readonly Finding[] {
  const unused = codes.filter((code) => !used.has(code)).toSorted(compareText);
  const subject = '';
  const without: Finding[] =
    codes.length > 0 && reason !== ''
      ? []
      : [
          {
            code: 'allow-without-reason',
            position,
            subject,
            message:
              codes.length === 0
                ? 'allows without saying what'
                : `allows ${codes.join(', ')} without a reason`,
            remedy:
              'Say what, and why it does no harm: `// decoraft-allow impure-clock: only logged, never kept`.',
          },
        ];
  return [
    ...without,
    ...unused.map((code): Finding => ({
      code: 'allow-unused',
      position,
      subject,
      message: ALLOWABLE.has(code)
        ? `allows ${code}, which its line does not have`
        : `allows ${code}, which is no code that can be allowed`,
      remedy: 'Take the comment away, or put it on the line of the problem or the one above.',
    })),
  ];
}

function uniqueOf(allowances: readonly AllowanceModel[]): readonly AllowanceModel[] {
  return [
    ...new Map(allowances.map((allowance) => [JSON.stringify(allowance.position), allowance])).values(),
  ];
}
