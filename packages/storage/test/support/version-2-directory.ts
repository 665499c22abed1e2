import { gunzipSync } from 'node:zlib';
import { SimulatedDisk } from '../../src/simulated-disk.js';

/**
 * What the release before seals with an index wrote into segments of 4,096 bytes: entries 1 to 12 of term 1, then 5 to
 * 24 of term 2, each of 500 bytes. The files by name, as JSON, packed.
 */
const FILES =
  'H4sIAAAAAAACA+2cWW/qOBiG/wu3jIaU7bRH6kXiOCSBLE5YEu5SlgApS8sS6Gj++6gQiOlxXebiSO7M96JHsiAEgT7br1+H/FUYRpuoJF3r7s' +
  '/1KJ6PFpvCz4KHu2r7zlS8Z4Lki3DeJDJD1OvK9SvlVQnvO57vdayZHNPvpw40Fl48CP1BJUqOx3wmgj+8kfrcMXl/HsmxAQDikRz7gHPdB5B6' +
  'qfdWOIvKqxmZavWszhGnzlU5tQBAPCRmne8vg7bj1wPnyUfS3M7qXOXUOVZkAgDigVl1ro6V83iue5vhftWctXazrM4xp841hXQAQDw6rDqXbX' +
  'RuW91wMonW5GmjZnWuceq8ocQhAIgH05/LP1CatdzeS6dq6eGyFWV13uDUua6kAwAQD6Y/V1bquY2U9dwOmvZwYWV1rnPqHBb2gJic/LlynVmi' +
  'QD2P5+qo6Eu7xltxZ8qp/Jv1+Fj4gxm9lr+MXo1LK3+S+hqc6PVg1NtTiYpeY8aBbikdWNb9YZAoN0SvBmcoMBFJAEA86CVMzIhesa7tdhEJ68' +
  'o8q3OTU+dNFC8BQDwSZp3n0auOK1HZbSDcP1u7JqfOWyhdA4B4SKw6p6JX5GwD56FqhuEhq/MWp85hzwYQE8yqcyp6bdm14d5BxbR99i0Wp85t' +
  'lUgAIB4nf+4efUrMiF6ddX/pF03bRYFMjA9bDAZEr8A3wYD4FPh+8WmeG758iE/LTz10//vj098SvVa+jF5zN6WkjJ+AE71W9Kqun6a12vHnSx' +
  'kHNp3evdbFd2aldEP0qnOmPIj4AEExqP4UXl9F3jBxJ+mq5rGe8742J+f6Vstqx/IPz5sEvV90dX1JLNXUpffzQQQICAqixvcPu+nK1NNMjRyO' +
  '805+JawtXSaXl9Rqtd8Grn2fKqedzCQ/RX5e5eF4PogHATGRY9ZW9skQhaeti+TaK8mTi+9S2vVyabkO5oH369aFAZEu8E2g/VBykx/qk/Nx6N' +
  'D2k4d96G6cNPND6ed+CKJFQFBoP9S8yQ81k8sW3g/74XWbTtPStJP5oZTjh6qOGgOAeFz5oZTph05h0eU1dXO5SvcYv61HUdvvih2/gf6/+jR6' +
  'rX4Zveb/wFAJo/w50Wttacj+KXqtv08HCutA/TmJOy2rbiYWtxvGJ5uVfy7DZqX3LgAICG2zLI7NyjuTubzU96u2ly2r2HOjOLNZ1c9tFvwjGB' +
  'AUenynxvFfYqd8dlBHefv1db0bzl4WT9UsdnI5sZOH4QEPER9X23BVTuyUdxAjHpz7w3A1rUxS2x1Xs204zNmGwxPDBwABof2Qe5MfaoSXfwL1' +
  '4toUyUFJXyYnP6Rgjh+y2ngPAOJB+yEs3+KH0Et+JW5QWb9WIq+4UTI/5HP8ENw9BRATehtOwUw/dLJC1J1AYulydd8u2bTGXmUrpxakfKDvFL' +
  '3WvoxeO/n0kO88bG+JXlv9ReDQ0SvrXq/2Fvm7NHSnZHE1FRF29Io5O9ya1+kCgIDQSw2fs9TQWNGrPjRQyZG95cbKlhqEs9QIe9oEAMTjanxP' +
  'OUsNwohekeT6462KtnqaLTW6nKVGoO0HACAeKb3UIJzotcOKXoOo1O/PD0t8l0WvWvy5H4KbOAKCQvuh7k1+iIpeB8MULxatyky9z/zQgOOHkn' +
  '7DAwDxoP0QNY5z/BAVvTZjrPZm/VXf22V+KOT4oagxWQKAeMS0Hxp88EMGJHeg/2r0WqeiV/iZQCAQCAQCgUAgEAgEAoFAIBDo3yiPXuejTfTe' +
  'KPwsjA7m/KlibsKATJ2ZsTbmtV2/0TX7yKgbczxtIfMt7O0lY7bcW+rgzX4je0c1pDFZPVtlIoWzpGqR5WPh738ArFFuvz6BAAA=';

export function version2Disk(): SimulatedDisk {
  const disk = new SimulatedDisk();
  const files = JSON.parse(gunzipSync(Buffer.from(FILES, 'base64')).toString()) as Record<string, string>;
  for (const [path, content] of Object.entries(files)) disk.put(path, Buffer.from(content, 'base64'));
  return disk;
}
