import { stableHash } from '@decoraft/base';
import { type Cluster, MachineClient } from '@decoraft/client';
import { cmd, defineOperations, StateMachine } from '@decoraft/state-machine';

/** What fencing tokens protect: it takes no work with a smaller one than it has seen, and writes down what it took. */
export class Vault extends StateMachine {
  private readonly seen = new Map<string, number>();
  readonly accepted: { name: string; token: number; by: string }[] = [];

  /** Gives whether the work was taken. */
  @cmd work(name: string, token: number, by: string): boolean {
    if (token < (this.seen.get(name) ?? 0)) return false;
    this.seen.set(name, token);
    this.accepted.push({ name, token, by });
    return true;
  }
}

const [text, number] = [{ kind: 'string' }, { kind: 'number' }] as const;
defineOperations(Vault, {
  format: 1,
  machine: 'Vault',
  operations: [
    {
      id: stableHash('work'),
      name: 'work',
      kind: 'cmd',
      parameters: [text, number, text].map((schema, at) => ({ name: `p${at}`, schema, optional: false })),
      result: { kind: 'boolean' },
    },
  ],
  types: {},
});

export class VaultClient extends MachineClient {
  constructor(cluster: Cluster) {
    super(cluster, 'vault');
  }

  work(name: string, token: number, by: string): Promise<boolean> {
    return this.command(stableHash('work'), 'work', [name, token, by]);
  }
}

/** Throws where two were in at once under one token, or one with an old token was let in after one with a newer. */
export function mustBeFenced({ accepted }: Vault): void {
  const last = new Map<string, { token: number; by: string }>();
  for (const { by, name, token } of accepted) {
    const before = last.get(name);
    if (before && token < before.token)
      throw new Error(`${name}: ${token} was let in behind ${before.token}`);
    if (before?.token === token && before.by !== by) {
      throw new Error(`${name}: ${by} and ${before.by} share the token ${token}`);
    }
    last.set(name, { token, by });
  }
}
