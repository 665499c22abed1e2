import { unreachable } from '@decoraft/base';
import type { GenerateResult, Problem, StaleFile, Written } from '@decoraft/codegen';
import { relative } from 'node:path';
import { describeDifference } from './difference.js';
import type { Terminal } from './terminal.js';

/** Prints all warnings and all problems of a run; whether there were problems. */
export function reportProblems(
  { problems, warnings }: Pick<GenerateResult, 'problems' | 'warnings'>,
  terminal: Terminal,
): boolean {
  for (const problem of [...warnings, ...problems]) {
    terminal.printError(describeProblem(problem));
    terminal.printError(`    ${problem.remedy}`);
  }
  const told = problems[0] ?? warnings[0];
  if (told) terminal.printError(`What a code means: \`npx decoraft explain ${told.code}\`.`);
  if (warnings.length > 0) terminal.printError(`${count(warnings.length, 'warning')}.`);
  if (problems.length === 0) return false;
  terminal.printError(`${count(problems.length, 'problem')}; nothing was written.`);
  return true;
}

/** One line: where, which, and what. */
export function describeProblem({ severity, position, code, subject, message }: Problem): string {
  const place = position ? [`${position.file}:${position.line}:${position.column}`] : [];
  const what = severity === 'warning' ? `warning ${code}` : code;
  return [...place, what, subject === '' ? message : `${subject}: ${message}`].join('  ');
}

/** Prints what was done to the disk. */
export function reportWritten(
  result: GenerateResult,
  { written, removed }: Written,
  terminal: Terminal,
): void {
  for (const path of written) terminal.print(`wrote ${relative(terminal.cwd, path)}`);
  for (const path of removed) terminal.print(`removed ${relative(terminal.cwd, path)}`);
  const right = result.files.length - written.length;
  terminal.print(`${countClasses(result)}: ${count(written.length, 'file')} written, ${right} up to date.`);
}

/** Prints what is not as it should be; whether there was any. */
export function reportStale(
  result: GenerateResult,
  stale: readonly StaleFile[],
  terminal: Terminal,
): boolean {
  for (const file of stale) terminal.printError(describeStale(file, relative(terminal.cwd, file.path)));
  if (stale.length === 0) {
    terminal.print(`${count(result.files.length, 'file')} up to date.`);
    return false;
  }
  terminal.printError(`${count(stale.length, 'file')} stale: run \`decoraft generate\`.`);
  return true;
}

function describeStale(file: StaleFile, path: string): string {
  switch (file.kind) {
    case 'missing':
      return `${path}: missing`;
    case 'orphaned':
      return `${path}: its class is gone`;
    case 'different':
      return [`${path}: differs`, ...describeDifference(file).map((line) => `    ${line}`)].join('\n');
    default:
      return unreachable(file);
  }
}

/** `2 machines, 1 service`; a run that found only one kind names only that one. */
function countClasses({ classes }: GenerateResult): string {
  const machines = classes.filter(({ kind }) => kind === 'machine').length;
  const services = classes.length - machines;
  const named = [
    ...(machines > 0 || services === 0 ? [count(machines, 'machine')] : []),
    ...(services > 0 ? [count(services, 'service')] : []),
  ];
  return named.join(', ');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
