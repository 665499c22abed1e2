import { assertInvariant } from '@decoraft/base';
import { type AgreeMachinesProposal, DecoraftError, type MachineId, type Proposal } from '@decoraft/protocol';
import { type AgreedTable, type Agreement, toAgreedTable } from './agreement.js';
import type { MachineAgreed, MigrationFailed } from './applied.js';
import { CannotRun } from './cannot-run.js';
import type { HostedMachine } from './hosted-machine.js';
import { runnableStage } from './runnable.js';

export interface VersionSwitchOptions {
  readonly agreement: Agreement;
  readonly machines: ReadonlyMap<MachineId, HostedMachine>;
  /** Called before the state of a machine changes hands. */
  readonly beforeSwitch: (machine: MachineId) => void;
}

/** What an entry by which a group agrees on its machines does: the same on every replica, whatever its code. */
export class VersionSwitch {
  readonly #options: VersionSwitchOptions;

  constructor(options: VersionSwitchOptions) {
    this.#options = options;
  }

  /**
   * What this build cannot run as the group has agreed on. Nothing of the entry has happened yet.
   *
   * @param isFresh Whether the group has heard of nothing before.
   * @throws CannotRun
   */
  refuse(proposal: Proposal, isFresh: boolean): void {
    try {
      this.#refuse(proposal, isFresh);
    } catch (thrown) {
      throw new CannotRun(DecoraftError.from(thrown));
    }
  }

  #refuse(proposal: Proposal, isFresh: boolean): void {
    const { agreement, machines } = this.#options;
    if (proposal.kind === 'command' || proposal.kind === 'subscribe') {
      const [machine, table] = [machines.get(proposal.machine), agreement.of(proposal.machine)];
      if (table && !machine) runnableStage(undefined, table);
      if (agreement.isEmpty) machine?.stageOf(undefined);
    }
    if (proposal.kind !== 'agree-machines') return;
    for (const table of this.#counting(proposal, isFresh)) {
      runnableStage(machines.get(table.agreed.machine)?.stages, table);
    }
  }

  /** One after the other; one that fails stays as it is, and harms no other. */
  agree(proposal: AgreeMachinesProposal, place: Place): readonly (MachineAgreed | MigrationFailed)[] {
    const { agreement } = this.#options;
    const isFirst = agreement.isEmpty;
    return this.#counting(proposal, place.isFresh).map((table) => this.#switch(table, isFirst, place));
  }

  /** Those that make a difference: what a leader proposes may have been overtaken by what another one has proposed. */
  #counting({ machines, onlyFirst }: AgreeMachinesProposal, isFresh: boolean): readonly AgreedTable[] {
    const { agreement } = this.#options;
    if (onlyFirst && (!agreement.isEmpty || !isFresh)) return [];
    return machines
      .map(toAgreedTable)
      .filter(({ agreed }) => (agreement.of(agreed.machine)?.agreed.version ?? 0) <= agreed.version);
  }

  #switch(table: AgreedTable, isFirst: boolean, { index, isFresh }: Place): MachineAgreed | MigrationFailed {
    const { agreement, beforeSwitch, machines } = this.#options;
    const { machine: id, name: machine, version } = table.agreed;
    const hosted = machines.get(id);
    assertInvariant(hosted !== undefined, `machine ${machine} is agreed on and not registered`);
    const stage = hosted.stageOf(table);
    // Before a group agrees on anything, its machines are at version 1; later, what it has not agreed on is new.
    const before = agreement.of(id)?.agreed.version ?? (isFirst && !isFresh ? 1 : undefined);
    try {
      beforeSwitch(id);
      if (before === undefined) hosted.become(stage);
      else hosted.switchTo(stage);
    } catch (thrown) {
      const { code, message } = DecoraftError.from(thrown);
      return {
        kind: 'migration-failed',
        index,
        machine,
        from: before ?? version,
        to: version,
        code,
        message,
      };
    }
    agreement.agree(table);
    return { kind: 'machine-agreed', index, machine, from: before, to: version };
  }
}

interface Place {
  readonly index: number;
  /** Whether the group has heard of nothing before. */
  readonly isFresh: boolean;
}
