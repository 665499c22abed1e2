import { expect, it } from 'vitest';
import { StateHashes } from '../../src/index.js';

it('equal states at an equal index are well, at different ones nobody asks', () => {
  const hashes = new StateHashes();
  hashes.applied('n1', 1, 'a');
  hashes.applied('n1', 2, 'b');
  hashes.applied('n2', 1, 'a');
  hashes.applied('n3', 2, 'b');
});

it('different states at an equal index are named, with both nodes', () => {
  const hashes = new StateHashes();
  hashes.applied('n1', 7, 'a');
  expect(() => hashes.applied('n2', 7, 'b')).toThrow(
    'FactBroken: state-hashes: at applied index 7, n1 has the state a, and n2 has b',
  );
});

it('a node that applied the same again differs from itself', () => {
  const hashes = new StateHashes();
  hashes.applied('n1', 7, 'a');
  expect(() => hashes.applied('n1', 7, 'b')).toThrow('n1 has the state a, and n1 has b');
});

it('the oldest indexes are forgotten', () => {
  const hashes = new StateHashes(2);
  for (const applied of [1, 2, 3]) hashes.applied('n1', applied, 'a');
  hashes.applied('n2', 1, 'b');
  expect(() => hashes.applied('n2', 3, 'b')).toThrow('state-hashes');
});
