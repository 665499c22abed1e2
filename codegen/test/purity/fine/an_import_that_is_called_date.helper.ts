export const Date = Object.freeze({ now: (): number => 7 });
