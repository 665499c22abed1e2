import { runNode } from '../node.js';
import '../v1/generated/operations.js';
import './generated/operations.js';
import { Ledger } from './ledger.machine.js';

await runNode(new Ledger());
