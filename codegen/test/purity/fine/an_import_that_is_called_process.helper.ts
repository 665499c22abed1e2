export const process = { env: (name: string): string => name.toUpperCase() };
export const fetch = (name: string): string => name;
