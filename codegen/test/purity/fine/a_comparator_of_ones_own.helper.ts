export const by =
  <Key extends string>(key: Key) =>
  (left: Readonly<Record<Key, number>>, right: Readonly<Record<Key, number>>): number =>
    left[key] - right[key];
