import system from 'node:fs';

export function exists(path: string): boolean {
  return system.existsSync(path);
}
