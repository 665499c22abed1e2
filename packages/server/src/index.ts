/**
 * # Server
 *
 * The composition root of a node: it wires what the packages below have built, and does nothing itself. Read
 * `start-node.ts` (the short way, made of exactly the long way's parts), then `raft-service.ts` (one Raft group on
 * one server).
 */
export { DEFAULT_SETTINGS, type HostSettings, type NodeState } from '@decoraft/host';
export { type Method, type Service, valueService } from '@decoraft/rpc';
export { RpcServer } from '@decoraft/rpc/server';
export { durableStorage, memoryStorage, type Storage } from '@decoraft/storage';
export { type RaftEvents, RaftService, type RaftServiceOptions } from './raft-service.js';
export { type DecoraftNode, type NodeOptions, startNode } from './start-node.js';
export { stderrLogger } from './stderr-logger.js';
