/** What a change does to those who know the machine as it was. Each holds what the ones before it hold. */
export const VERDICTS = ['safe', 'breaks clients', 'breaks the log'] as const;

export type Verdict = (typeof VERDICTS)[number];

/** A rule has one verdict and one remedy; what changed is said by the change. Each has an entry in docs/evolution.md. */
interface RuleEntry {
  readonly verdict: Verdict;
  readonly why: string;
  /** What to do instead; of what is safe, nothing. */
  readonly remedy?: string;
}

const safe = (why: string): RuleEntry => ({ verdict: 'safe', why });
const clients = (why: string, remedy: string): RuleEntry => ({ verdict: 'breaks clients', why, remedy });
const log = (why: string, remedy: string): RuleEntry => ({ verdict: 'breaks the log', why, remedy });

const RAISE = 'raise `version` and keep the old class in `previous()`';
const BESIDE = `Write a new command beside it and mark this one \`@cmd({ retired: true })\`; or ${RAISE}.`;

export const RULES = {
  'machine-added': safe('nobody knows it yet'),
  'machine-renamed': safe(
    'logs know machines by the names under which they are registered; clients import another name',
  ),
  'service-added': safe('nobody knows it yet'),
  'service-renamed': safe(
    'it is called by the name under which it is registered; clients import another name',
  ),
  'operation-added': safe('nobody calls it yet'),
  'operation-renamed': safe(
    'it keeps the id of its first name; clients that are generated anew call it otherwise',
  ),
  'operation-revived': safe('logs hold it all the same'),
  'parameter-renamed': safe('arguments go by their places'),
  'arguments-widened': safe('what was sent and logged still fits'),
  'result-narrowed': safe('clients take what comes back, and more'),
  'field-declared': safe('it is not there before a command assigns it, whatever the snapshot is of'),
  'field-widened': safe('what snapshots hold still fits'),
  'snapshot-own': safe('restore() is given the plain fields of older snapshots'),
  'version-raised': safe('a group goes over to it at one entry of its log, once every member can'),

  'query-removed': clients(
    'clients call it',
    'Keep it, or mark it `@qry({ retired: true })` until no client calls it.',
  ),
  'query-arguments': clients(
    'clients send what it does not take any more',
    'Make what is new optional, or write a new query beside it.',
  ),
  'operation-retired': clients('new calls are refused', 'Retire it when no client calls it any more.'),
  'result-changed': clients(
    'clients get what they do not know',
    'Give what was given before, and the new in another operation.',
  ),
  'event-value': clients(
    'listeners get what they do not know, and what was notified before is still delivered as it was',
    'Notify a new event beside it, and mark this one `@sub({ retired: true })` when nobody listens.',
  ),
  'operation-superseded': clients(
    'the class in previous() runs what logs hold, but calls of older clients do not fit the new version',
    'Keep it as it was beside the new one until no client calls it.',
  ),
  'method-removed': clients('clients call it', 'Keep it until no client calls it.'),
  'method-arguments': clients(
    'clients send what it does not take any more',
    'Make what is new optional, or write a new method beside it.',
  ),
  'method-kind': clients('clients expect streams elsewhere', 'Write a new method beside it.'),
  'service-removed': clients('clients call it', 'Keep it until no client calls it.'),

  'machine-removed': log(
    'logs and snapshots hold machines of it',
    'Keep the class until no group has a machine of it.',
  ),
  'command-removed': log(
    'old entries and timers call it',
    'Mark it `@cmd({ retired: true })`: it is replayed and takes no new calls.',
  ),
  'event-removed': log(
    'subscriptions to it are in logs and snapshots',
    'Mark it `@sub({ retired: true })`: subscriptions that there are go on, new ones are refused.',
  ),
  'renamed-without-was': log(
    'logs know it by the id of its first name',
    'Say what it was: `{ was: … }` in its decorator.',
  ),
  'id-changed': log(
    'logs know it by the id of its first name',
    'Let `was` be what it was, or leave it out as it was.',
  ),
  'kind-changed': log(
    'logs hold it as what it was',
    'Write the new one under another name, and retire this one.',
  ),
  'parameter-required': log('old entries do not have it', `Make it optional: \`name?: Type\`. ${BESIDE}`),
  'parameters-reordered': log(
    'arguments go by their places: old entries have them the other way round',
    BESIDE,
  ),
  'command-arguments': log('old entries hold what it does not take any more', BESIDE),
  'event-parameters': log(
    'subscriptions in logs and snapshots select by what they were',
    `Write a new event beside it and mark this one \`@sub({ retired: true })\`; or ${RAISE}.`,
  ),
  'field-added': log(
    'it is absent after a restore from an older snapshot, and present on replicas that replay the log',
    `Only declare it, \`declare name?: Type\`, and assign it in new commands; or ${RAISE}: it then begins with what the constructor gives it.`,
  ),
  'field-removed': log(
    'snapshots hold it, and replicas that replay the log would not',
    `Leave it there unused; or ${RAISE}.`,
  ),
  'field-changed': log(
    'snapshots hold what it was',
    `Widen its type instead, and read both; or ${RAISE}, with a \`migrate()\`.`,
  ),
  'fields-reordered': log(
    'fields are in snapshots and hashes of the state in their order, so replicas would be taken to differ',
    `Put them back in the order in which they were; or ${RAISE}.`,
  ),
  'snapshot-gone': log(
    'snapshots hold what snapshot() gave, and nobody reads it',
    `Keep restore() and snapshot(); or ${RAISE}, with a \`migrate()\`.`,
  ),
  'migrate-missing': log(
    'the state of the version before is taken over as it is, and does not fit',
    'Write `migrate(from, state)`, which gives the fields as they are now.',
  ),
  'version-lowered': log(
    'a group that has agreed on the later version cannot go back',
    'Raise it again: to undo a version, write the old behaviour as the next one.',
  ),
  'version-unserved': log(
    'groups that are at the older version have no class that runs it',
    'Keep the old class in `previous()`, or serve its version by `oldestVersion`, until no group is at it.',
  ),
} as const satisfies Readonly<Record<string, RuleEntry>>;

export type Rule = keyof typeof RULES;

/** A change of a class, and what it does. */
export interface Change {
  readonly rule: Rule;
  readonly verdict: Verdict;
  /** `Class`, `Class.operation` or `Class.field`. */
  readonly subject: string;
  /** What it was and what it is, as one reads it: signatures, types, versions. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  /** What in it differs, where a place inside can be named. */
  readonly details: readonly string[];
  readonly why: string;
  readonly remedy: string | undefined;
}

export function changeBy(
  rule: Rule,
  subject: string,
  {
    before,
    after,
    details = [],
  }: { readonly before?: string; readonly after?: string; readonly details?: readonly string[] },
): Change {
  const { remedy, verdict, why }: RuleEntry = RULES[rule];
  return { rule, verdict, subject, before, after, details, why, remedy };
}
