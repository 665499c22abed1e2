import type { Operation } from '../history.js';
import { FactBroken } from './fact-broken.js';

/** A command as its client knows it. */
export interface IssuedCommand {
  /** Unique: a marker in its arguments, or its session and sequence. Retries of one command have one id. */
  readonly id: string;
  readonly process: string;
  /** As in {@link Operation}: `returned` was acknowledged, `failed` was reported as not applied. */
  readonly outcome: 'returned' | 'unknown' | 'failed';
}

/** What a command did, found in the state or in the log. */
export interface Effect {
  readonly id: string;
  /** Where: its log index, or its place in a list. */
  readonly index: number;
}

/** The commands of a history: those of its operations to which `idOf` gives a name. */
export function issuedCommands<Input, Output>(
  operations: readonly Operation<Input, Output>[],
  idOf: (input: Input) => string | undefined,
): readonly IssuedCommand[] {
  return operations.flatMap(({ input, outcome, process }) => {
    const id = idOf(input);
    return id === undefined ? [] : [{ id, process, outcome: outcome.kind }];
  });
}

/**
 * Every acknowledged command took effect exactly once, every one of unknown outcome at most once, and one that was
 * reported as not applied never; and nothing took effect that nobody asked for.
 *
 * @param where Whose state this is, for the report.
 */
export function mustHappenExactlyOnce(
  where: string,
  commands: readonly IssuedCommand[],
  effects: readonly Effect[],
): void {
  const issued = new Map(commands.map((command) => [command.id, command]));
  const found = new Map<string, Effect>();
  const broken = (id: string, what: string, indexes: readonly number[]): FactBroken => {
    const process = issued.get(id)?.process;
    return new FactBroken({
      fact: 'exactly-once',
      finding: `command ${id}${process === undefined ? '' : ` of ${process}`} ${what} on ${where}`,
      nodes: process === undefined ? [where] : [where, process],
      indexes,
    });
  };
  for (const effect of effects) {
    const { id, index } = effect;
    const first = found.get(id);
    if (first) throw broken(id, `took effect at ${first.index} and again at ${index}`, [first.index, index]);
    const command = issued.get(id);
    if (!command) throw broken(id, `took effect at ${index}, and nobody sent it`, [index]);
    if (command.outcome === 'failed') {
      throw broken(id, `was reported as not applied, and took effect at ${index}`, [index]);
    }
    found.set(id, effect);
  }
  for (const { id, outcome } of commands) {
    if (outcome === 'returned' && !found.has(id)) throw broken(id, 'was acknowledged, and had no effect', []);
  }
}
