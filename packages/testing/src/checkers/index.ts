export { type AcknowledgedWrite, AcknowledgedWrites, type CommittedPart } from './acknowledged-writes.js';
export { mustReceiveInOrder, type PositionedEvent, type SubscriptionRecord } from './event-order.js';
export { type Effect, type IssuedCommand, issuedCommands, mustHappenExactlyOnce } from './exactly-once.js';
export { mustKeepIssueOrder } from './issue-order.js';
export { type Breach, FactBroken } from './fact-broken.js';
export {
  checkLinearizability,
  type Linearizability,
  type LinearizabilityOptions,
  mustBeLinearizable,
} from './linearizability.js';
export type { Impasse } from './linearization-search.js';
export { type Model, type Observed, sequentialModel, type SequentialMachine, type Step } from './model.js';
export { appendListModel, type AppendListInput, type AppendListOutput } from './models/append-list.js';
export { type CounterInput, counterModel } from './models/counter.js';
export { type KeyValueInput, keyValueModel, type KeyValueOutput } from './models/key-value.js';
export { type RegisterInput, registerModel, type RegisterOutput } from './models/register.js';
export { RaftFacts } from './raft-facts/index.js';
export type { NodeObservation } from './raft-facts/observation.js';
export { mustKeepSessionOrder, type Sighting } from './session-order.js';
export { StateHashes } from './state-hashes.js';
