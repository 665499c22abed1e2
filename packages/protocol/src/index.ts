/**
 * # Protocol
 *
 * What two machines must agree on, and nothing that either of them does: codes, ids, schemas, and the bytes
 * of log entries and messages. Data only. Everything here is on disk or on the wire somewhere, so numbers and
 * names in it never change their meaning; new ones are added.
 *
 * Read `errors.ts` first (what a caller can meet), then `schema.ts` and `check.ts` (what a value may be),
 * `schema-text.ts` with `operation-hash.ts` (which shapes are the same), `schema-difference.ts` with
 * `call-difference.ts` (which fit) and `contract.ts` (how caller and node find that out), `service-table.ts` (what a
 * service takes and gives), `positional/positional.ts` (how arguments travel whose types both sides know),
 * `proposal.ts`, `agreed-machines.ts`, `log-entry.ts` and `members.ts` (what stands in the log), `group-service.ts` and
 * `event-records.ts` (what goes over the wire), `consistency.ts` and `read-token.ts` (how fresh an answer is).
 */
export {
  type AgreedMachine,
  readAgreedMachine,
  readTable,
  tableText,
  writeAgreedMachine,
} from './agreed-machines.js';
export { canonicalEncode, canonicalKey } from './canonical.js';
export { checkArguments, checkValue, fits } from './check.js';
export {
  argumentDifferences,
  callDifferences,
  type CallShape,
  resultDifferences,
  type TypedOperation,
} from './call-difference.js';
export { describeOperation, describeSchema } from './describe-schema.js';
export { argumentsHash, resultHash } from './operation-hash.js';
export { describeDifference, differencesOf, type TypedSchema } from './schema-difference.js';
export type { SchemaDifference, Sides } from './shape-difference.js';
export {
  argumentsSchema,
  argumentsText,
  canonicalOptions,
  operationText,
  resultText,
  schemaText,
} from './schema-text.js';
export { checkContract } from './check-contract.js';
export {
  type ClientTable,
  type Contract,
  contractHash,
  contractHashOf,
  contractOf,
  splitContract,
  withContract,
} from './contract.js';
export { type Consistency, CONSISTENCIES, isConsistency, strongerOf } from './consistency.js';
export { DecoraftError, type ErrorCode, isErrorCode, NEXT_STEP, type NextStep } from './errors.js';
export {
  checkGroupLimits,
  DEFAULT_GROUP_LIMITS,
  type GroupLimits,
  readGroupLimits,
  writeGroupLimits,
} from './group-limits.js';
export { checkGroupName } from './group-name.js';
export * from './event-records.js';
export * from './group-service.js';
export * from './ids.js';
export { decodeStampedProposal, stampProposal, type StampedProposal } from './log-entry.js';
export * from './members.js';
export {
  type AcknowledgeEventsProposal,
  type AgreeMachinesProposal,
  BEFORE_ALL_EVENTS,
  type CommandProposal,
  compareEventPositions,
  type ConfigureProposal,
  decodeProposal,
  encodeProposal,
  type EventPosition,
  type EventsSeenProposal,
  type MachineHash,
  type OpenSessionProposal,
  type Origin,
  type Proposal,
  type SeenPlace,
  type StateCheckProposal,
  type StateHashesProposal,
  type SubscribeProposal,
  type SubscriptionPosition,
  type UnsubscribeProposal,
} from './proposal.js';
export {
  type ArgumentsDecoder,
  argumentsDecoder,
  type ArgumentsEncoder,
  argumentsEncoder,
  argumentsEncoderWithRest,
} from './positional/codec.js';
export { partsOfObject } from './positional/parts.js';
export { defineDecoders } from './positional/decoders.js';
export { type Positional, travelsByPosition } from './positional/layout.js';
export { decodePositional, encodePositional } from './positional/positional.js';
export { type Called, readArguments } from './positional/read-arguments.js';
export * as read from './positional/read.js';
export type { PositionalReader } from './positional/reader.js';
export * as write from './positional/write.js';
export type { PositionalWriter } from './positional/writer.js';
export type * from './schema.js';
export type * from './service-table.js';
export type { Unchecked } from './unchecked.js';
export { decodeToken, encodeToken, type ReadToken } from './read-token.js';
