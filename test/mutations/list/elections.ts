import type { Mutation } from '../mutation.js';

/** Elections and terms: C1 to C10. */
export const ELECTIONS: readonly Mutation[] = [
  {
    name: 'a vote is not written down',
    point: 'C1',
    theme: 'disks',
    file: 'packages/raft/src/outbox.ts',
    find: '  return state.toldHardState;\n',
    replace: "  return { ...state.toldHardState, vote: '' as never };\n",
  },
  {
    name: 'the term is forgotten in a restart',
    point: 'C1',
    theme: 'everything',
    file: 'packages/raft/src/state.ts',
    find: '    term: hardState.term,\n',
    replace: '    term: term(1),\n',
  },
  {
    name: 'a vote is sent before it is durable',
    point: 'C16',
    theme: 'disks',
    file: 'packages/host/src/ready-loop.ts',
    find: '    this.#send(ready.messages);\n',
    replace:
      "    this.#send(ready.messages.concat(ready.responses.filter(({ kind }) => kind === 'vote-response')));\n",
  },
  {
    name: 'stepping down in the same term frees the vote',
    point: 'C2',
    theme: 'elections',
    file: 'packages/raft/src/roles.ts',
    find: '    state.vote = NOBODY;\n  }\n',
    replace: '  }\n  state.vote = NOBODY;\n',
  },
  {
    name: 'a vote is given to whoever asks',
    point: 'C2',
    theme: 'elections',
    file: 'packages/raft/src/election.ts',
    find: 'return vote === candidate || (vote === NOBODY && leader === NOBODY);',
    replace: 'return leader === NOBODY || vote === candidate;',
  },
  {
    name: 'logs are compared by length only',
    point: 'C3',
    theme: 'elections',
    file: 'packages/raft/src/log.ts',
    find: 'return candidate.term > last.term || (candidate.term === last.term && candidate.index >= last.index);',
    replace: 'return candidate.index >= last.index;',
  },
  {
    name: 'logs are compared by term only',
    point: 'C3',
    theme: 'elections',
    file: 'packages/raft/src/log.ts',
    find: 'return candidate.term > last.term || (candidate.term === last.term && candidate.index >= last.index);',
    replace: 'return candidate.term >= last.term;',
  },
  {
    name: 'a vote that arrives twice counts twice',
    point: 'C4',
    theme: 'storms',
    file: 'packages/raft/src/tracker.ts',
    find: '    if (this.isVoter(from) && !this.#votes.has(from)) this.#votes.set(from, granted);\n',
    replace:
      '    const other = [...this.#voters].find((id) => !this.#votes.has(id));\n' +
      '    const counted = this.#votes.has(from) && granted ? (other ?? from) : from;\n' +
      '    if (this.isVoter(from) && !this.#votes.has(counted)) this.#votes.set(counted, granted);\n',
  },
  {
    name: 'a pre-vote request makes others enter its term',
    point: 'C5',
    theme: 'storms',
    file: 'packages/raft/src/terms.ts',
    find: '      return !isInLease(state);\n',
    replace:
      '      if (isInLease(state)) return false;\n' +
      '      becomeFollower(state, message.term, NOBODY);\n' +
      '      return true;\n',
  },
  {
    name: 'a leader of an earlier term gets no answer',
    point: 'C5',
    theme: 'stuck',
    file: 'packages/raft/src/terms.ts',
    find: "  state.responses.push({ kind: 'append-response', ...head, rejected: false, matchIndex: index(0) });\n",
    replace: '',
  },
  {
    name: 'whoever hears a leader helps others to replace it',
    point: 'C6',
    theme: 'quiet',
    file: 'packages/raft/src/terms.ts',
    find: '  return silentTicks > 0 || (leader !== NOBODY && electionElapsed < settings.electionTicks);\n',
    replace: '  return false;\n',
  },
];
