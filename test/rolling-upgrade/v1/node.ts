import { runNode } from '../node.js';

import './generated/operations.js';
import { Ledger } from './ledger.machine.js';

await runNode(new Ledger());
