import type { Brand } from '@decoraft/base';

/** The name of a server within its cluster. The empty string is nobody: it is never a server's id. */
export type NodeId = Brand<string, 'NodeId'>;
/** A logical clock of elections (§5.1); 0 before the first. */
export type Term = Brand<number, 'Term'>;
/** A position in the log; the first entry has index 1, and 0 is the place before it. */
export type Index = Brand<number, 'Index'>;

export const nodeId = (value: string): NodeId => value as NodeId;
export const term = (value: number): Term => value as Term;
export const index = (value: number): Index => value as Index;

export const NOBODY = nodeId('');
