import { DecoraftError } from 'decoraft';

/** @throws DecoraftError `InvalidArgument` for what is no whole number of `least` or more. */
export function checkWhole(name: string, value: number, least = 0): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new DecoraftError('InvalidArgument', `${name} is ${value}: a whole number of ${least} or more`);
}

/** @throws DecoraftError `InvalidArgument` for what is no finite number of 0 or more. */
export function checkTime(name: string, value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new DecoraftError('InvalidArgument', `${name} is ${value}: a number of milliseconds of 0 or more`);
}
