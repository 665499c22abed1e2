/**
 * # Server
 *
 * The composition root of a node: it wires what the packages below have built, and does nothing itself. Read
 * `assemble-node.ts` (a node from its parts, in whatever world), `start-node.ts` (the same in this process's world:
 * the short way), `node-services.ts` and `standard-services.ts` (the services beside the machines: a user's, and those that
 * every node has), `standard-machines.ts` (the machines that every group has), `node-groups.ts` with
 * `group-description.ts` (its Raft groups), then `raft-service.ts` (one Raft group on one server: what it can be asked),
 * `node-life.ts` (its node, from start to end), `server-links.ts` with
 * `group-links.ts` (what the groups of a server share), `cluster-door.ts` (in and out of a cluster) and
 * `force-new-cluster.ts` (when the majority is lost for good). For operators: `inspect-node.ts`, `backup-service.ts`
 * with `take-backup.ts` at the other end, `restore-backup.ts`, `inspect-backup.ts`.
 */
export {
  DEFAULT_SETTINGS,
  type ForcedClusterPlan,
  type HostSettings,
  type NodeState,
  type Observed,
  type ObservedEvent,
  type ReadCounts,
  type SkippedEvents,
} from '@decoraft/host';
export { DEFAULT_GROUP_LIMITS, type GroupLimits } from '@decoraft/protocol';
export {
  type HostRaft,
  type HostServer,
  Membership,
  type MembershipOptions,
} from '@decoraft/membership/server';
export {
  type CallContext,
  type Method,
  type Service,
  type ValueHandlers,
  valueService,
  withContext,
} from '@decoraft/rpc';
export {
  RpcServer,
  type RpcServerOptions,
  type ServerHandler,
  type ServerInterceptor,
  type ServerRequest,
  type ServerResponse,
} from '@decoraft/rpc/server';
export {
  type BackupDescription,
  durableStorage,
  type InspectionProgress,
  type InspectOptions,
  memoryStorage,
  type Storage,
} from '@decoraft/storage';
export type { JoinOptions, JoinWay } from './cluster-door.js';
export { forceNewCluster, planForcedCluster, type Survivor } from './force-new-cluster.js';
export { inspectNode, type NodeInspection } from './inspect-node.js';
export { type BackupProgress, takeBackup, type TakeBackupOptions } from './take-backup.js';
export { restoreBackup, type Restored, type RestoreOptions, type RestoreProgress } from './restore-backup.js';
export { type BackupInspection, inspectBackup, type InspectBackupOptions } from './inspect-backup.js';
export { RaftService } from './raft-service.js';
export type { ServiceRegistration } from './node-services.js';
export { addHealth, addReflection, type StandardServicesOptions } from './standard-services.js';
export {
  Health,
  HEALTH_SERVICE,
  type HealthStatus,
  type HostedMachine,
  Reflection,
  REFLECTION_SERVICE,
} from '@decoraft/service/standard';
export type { RaftEvents, RaftServiceOptions } from './raft-service-options.js';
export {
  assembleNode,
  type DecoraftNode,
  type JoiningGroup,
  type NodeDescription,
  type NodePorts,
} from './assemble-node.js';
export type { GroupDescription } from './group-description.js';
export { type NodeOptions, startNode } from './start-node.js';
export { stderrLogger } from './stderr-logger.js';
export { ShardWeights } from '@decoraft/sharding/server';
