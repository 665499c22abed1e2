/** Node 20 and every current browser have these methods; TypeScript lists them under es2024. */
interface WellFormed {
  isWellFormed(): boolean;
  toWellFormed(): string;
}

/** Whether the text has no lone surrogate: only such text has an UTF-8 form. */
export function isWellFormed(text: string): boolean {
  return (text as unknown as WellFormed).isWellFormed();
}

/** The text with each lone surrogate replaced by U+FFFD. */
export function toWellFormed(text: string): string {
  return (text as unknown as WellFormed).toWellFormed();
}
