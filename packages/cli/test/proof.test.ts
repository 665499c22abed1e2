import { describe, expect, test } from 'vitest';
import { Workspace } from './command.js';

/** The proof with its ledger spoilt: `spoil` changes the prototype of the machine on every node alike. */
async function runSpoilt(spoil: string) {
  const workspace = new Workspace({
    'spoilt.mjs': `
import { PROOF } from '@decoraft/cli';
const { prototype } = PROOF.machines.ledger().constructor;
const { change, write } = prototype;
${spoil}
export default { ...PROOF, healingMs: 10_000 };
`,
  }).install();
  const args = ['--seeds', '3', '--duration', '5000', '--faults', 'none', '--no-shrink'];
  return workspace.run('simulate', 'spoilt.mjs', ...args);
}

describe('the proof finds', () => {
  test.each([
    [
      'a command that is executed twice',
      'prototype.write = function (command, key) {' +
        ' write.call(this, command, key); if (this.executed.length === 20) write.call(this, command, key); };',
      /command client-\d\/\d+ of client-\d took effect at \d+ and again at \d+ on ledger/,
    ],
    [
      'a command that was acknowledged and not executed',
      'prototype.write = function (command, key) {' +
        ' if (this.context.index !== 30) write.call(this, command, key); };',
      /was acknowledged, and had no effect on ledger/,
    ],
    [
      'an answer that no order of the calls explains',
      "prototype.text = function (key) { return this.executed.length > 30 ? 'nonsense' : this.texts.get(key); };",
      /linearizability/,
    ],
    [
      'a counter that forgets',
      'const { add } = prototype; prototype.add = function (command, counter, amount) {' +
        ' return add.call(this, command, counter, this.executed.length > 40 ? 0 : amount); };',
      /linearizability/,
    ],
    [
      'an event that says what did not happen',
      'prototype.change = function (command, key, text) { change.call(this, command, key, text);' +
        " if (this.executed.length > 30) this.onText(key).notify({ index: this.context.index, command: 'other' }); };",
      /event-order/,
    ],
    [
      'an event that is missing, and that nobody waits for',
      'prototype.change = function (command, key, text) {' +
        " const { onText } = this; if (command.startsWith('client-1/')) this.onText = () => ({ notify() {} });" +
        ' change.call(this, command, key, text); this.onText = onText; };',
      /event-order|every client has an answer/,
    ],
  ])('%s', async (_, spoil, finding) => {
    const { code, errors } = await runSpoilt(spoil);
    expect(errors).toMatch(finding);
    expect(code).toBe(1);
  });

  test('nothing where nothing was spoilt', async () => {
    const { code, errors } = await runSpoilt('');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
  });
});
