import type { EffectModel, MachineModel, ReachedModel } from '../model.js';
import type { Finding } from '../problem.js';
import { IMPURITY_WORDS } from './purity-words.js';

/** What a machine's code does that would make replicas differ. */
export function checkPurity({ impurities, name = '' }: MachineModel): readonly Finding[] {
  return impurities.map((impurity) => {
    const { kind, position, text } = impurity;
    const { describe, remedy } = IMPURITY_WORDS[kind];
    return {
      code: `impure-${kind}` as const,
      position,
      subject: `${name}.${impurity.entry.name}`,
      message: `${describe}: \`${text}\`${describeWay(name, impurity)}`,
      remedy: remedy[impurity.entry.role],
    };
  });
}

/** What its queries do that only commands may. */
export function checkEffects({ effects, name = '' }: MachineModel): readonly Finding[] {
  return effects.map((effect) => ({
    code: 'query-changes-state',
    position: effect.position,
    subject: `${name}.${effect.entry.name}`,
    message: `is a query but ${EFFECT_WORDS[effect.kind]}: \`${effect.text}\`${describeWay(name, effect)}`,
    remedy: 'A query runs on one node only. Make it a @cmd, or work on a copy.',
  }));
}

const EFFECT_WORDS: Readonly<Record<EffectModel['kind'], string>> = {
  assigns: 'changes the state',
  mutates: 'changes the state',
  'calls-command': 'calls a command',
  notifies: 'notifies',
  schedules: 'sets a timer or cancels one',
};

/** `, by KeyValue.set → stamp() (helpers.ts:12)`; nothing for what stands in the entry itself. */
function describeWay(machine: string, { entry, way }: ReachedModel): string {
  if (way.length === 0) return '';
  const steps = way.map(({ name, position }) => ` → ${name} (${position.file}:${position.line})`);
  return `, by ${machine}.${entry.name}${steps.join('')}`;
}
