import type { Mutation } from '../mutation.js';

/** Clients, their sessions and events: C39 to C42. */
export const CLIENTS: readonly Mutation[] = [
  {
    name: 'answers are not kept for retries',
    point: 'C39',
    theme: 'everything',
    file: 'packages/state-machine/src/sessions.ts',
    find: '    session.replies.set(origin.sequence, reply);\n',
    replace: '',
  },
  {
    name: 'answers are forgotten before their client has them',
    point: 'C39',
    theme: 'everything',
    file: 'packages/state-machine/src/sessions.ts',
    find: '    forgetAcknowledged(session, origin.acknowledged);\n',
    replace: '    forgetAcknowledged(session, origin.sequence - 1);\n',
  },
  {
    name: 'a retry gets the answer to another question',
    point: 'C39',
    theme: 'everything',
    file: 'packages/state-machine/src/sessions.ts',
    find: '    const given = session.replies.get(origin.sequence);\n',
    replace:
      '    const given = session.replies.get(origin.sequence) && [...session.replies.values()].at(-1);\n',
  },
  {
    name: 'a client retries as if it asked for the first time',
    point: 'C39',
    theme: 'everything',
    file: 'packages/client/src/pipeline.ts',
    find: 'encodeProposal(proposalOf({ ...origin, acknowledged: session.acknowledged }));\n',
    replace: 'encodeProposal(proposalOf({ ...session.next(), acknowledged: 0 * origin.acknowledged }));\n',
  },
  {
    name: 'a lost answer is taken for a command that was not executed',
    point: 'C39',
    theme: 'everything',
    file: 'packages/client/src/pipeline.ts',
    find: '    question.mayHaveHappened ||= isTransient(error) && mayHaveReachedLog(thrown);\n',
    replace: '    question.mayHaveHappened ||= isTransient(error) && mayHaveReachedLog(thrown) && false;\n',
  },
  {
    name: 'an answer that is an error is not kept for retries',
    point: 'C39',
    theme: 'retries',
    file: 'packages/state-machine/src/sessions.ts',
    find: '    const reply = execute();\n',
    replace: "    const reply = execute();\n    if (reply.outcome.kind === 'error') return reply;\n",
  },
  {
    name: 'sessions end by the clock on the wall',
    point: 'C40',
    theme: 'snapshots',
    file: 'packages/host/src/group-service.ts',
    find: '    return this.#options.ports.clock;\n',
    replace:
      '    const { clock } = this.#options.ports;\n' +
      '    return { now: () => clock.now(), monotonicMs: () => clock.now(), after: (...given) => clock.after(...given) };\n',
  },
  {
    name: 'the time of the log is that of whoever leads',
    point: 'C40',
    theme: 'snapshots',
    file: 'packages/state-machine/src/replica.ts',
    find: 'if (time > this.#time && Number.isFinite(time)) this.#time = time;',
    replace: 'if (Number.isFinite(time)) this.#time = time;',
  },
  {
    name: 'a stream of events begins one too far',
    point: 'C41',
    theme: 'everything',
    file: 'packages/host/src/event-stream.ts',
    find: 'delivery.subscription.topic.numberBehind(position));',
    replace: 'delivery.subscription.topic.numberBehind(position) + 1);',
  },
  {
    name: 'an acknowledgement takes away one event more',
    point: 'C41',
    theme: 'everything',
    file: 'packages/state-machine/src/topic.ts',
    find: '    subscription.seen = seen;\n    this.#noteProgress();\n',
    replace: '    subscription.seen = seen + 1;\n    this.#noteProgress();\n',
  },
  {
    name: 'the second event of a command has the place of the first',
    point: 'C41',
    theme: 'everything',
    file: 'packages/state-machine/src/command-runner.ts',
    find: '      const ordinal = this.#running.ordinals.next++;\n',
    replace: '      const ordinal = 0 * this.#running.ordinals.next++;\n',
  },
  {
    name: 'a new leader forgets to wake those who listen',
    point: 'C41',
    theme: 'events',
    file: 'packages/host/src/apply-loop.ts',
    find: '    if (news.length > 0) announce(news);\n',
    replace: '    if (news.length > 1_000) announce(news);\n',
  },
];
