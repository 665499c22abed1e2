/** `KeyValue` → `key-value`, `HTTPServer2` → `http-server2`. */
export function kebabCase(name: string): string {
  return name
    .replaceAll(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1-$2')
    .replaceAll(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase();
}

export const clientFileName = (machine: string): string => `${kebabCase(machine)}.client.ts`;
export const operationsFileName = (machine: string): string => `${kebabCase(machine)}.operations.ts`;

/** The file that a node imports. */
export const INDEX_FILE_NAME = 'operations.ts';
