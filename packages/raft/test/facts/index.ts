import { commitment } from './commitment.js';
import { configurationChanges } from './configuration-changes.js';
import { durability } from './durability.js';
import { electionSafety } from './election-safety.js';
import { elections } from './elections.js';
import { equalStates } from './equal-states.js';
import type { Fact } from './fact.js';
import { leaderAppendOnly } from './leader-append-only.js';
import { linearizableReads } from './linearizable-reads.js';
import { logMatching } from './log-matching.js';
import { monotony } from './monotony.js';
import { stateMachineSafety } from './state-machine-safety.js';
import { votersCampaign } from './voters-campaign.js';
import { votes } from './votes.js';

/** All that must hold after every step. */
export function allFacts(): readonly Fact[] {
  return [
    electionSafety(),
    elections(),
    leaderAppendOnly(),
    logMatching(),
    commitment(),
    stateMachineSafety(),
    monotony(),
    votes(),
    durability(),
    linearizableReads(),
    configurationChanges(),
    equalStates(),
    votersCampaign(),
  ];
}
