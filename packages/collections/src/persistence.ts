import { type Cluster, DecoraftError, NEXT_STEP } from 'decoraft/client';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/**
 * What the machine threw, under its own code: the client wraps it as `CommandRejected`. Anything else is given as it is.
 */
export function unwrapped(thrown: unknown): unknown {
  if (!(thrown instanceof DecoraftError) || thrown.code !== 'CommandRejected') return thrown;
  const { code, data, message } = (thrown.data ?? {}) as { code?: unknown; data?: unknown; message?: string };
  if (typeof code !== 'string' || !Object.hasOwn(NEXT_STEP, code)) return thrown;
  // The message begins with its code already.
  const words = (message ?? '').replace(`${code}: `, '');
  return new DecoraftError(code as DecoraftError['code'], words, { cause: thrown, data });
}

/** Whether it did not happen, and may at another time: where the cluster has no leader for a while, or too much to do. */
export function mayComeLater(thrown: unknown): boolean {
  return thrown instanceof DecoraftError && thrown.nextStep === 'try later';
}

/** Whether asking again may have another end, as {@link mayComeLater}, or whether it happened is not known. */
export function mayBeRepeated(thrown: unknown): boolean {
  return mayComeLater(thrown) || (thrown instanceof DecoraftError && thrown.nextStep === 'may have happened');
}

/** When to ask again. */
export interface Persistence {
  /** By default what failed certainly. */
  readonly isWorthwhile?: (thrown: unknown) => boolean;
  /** Asked before every further try: whether nobody wants an answer any more. */
  readonly isOver?: () => boolean;
}

/**
 * Asks until there is an answer, however long the cluster is away.
 *
 * @throws What the call rejects with, where that is no matter of time, or it is over.
 */
export async function persist<Result>(
  cluster: Cluster,
  call: () => Promise<Result>,
  { isOver = () => false, isWorthwhile = mayComeLater }: Persistence = {},
): Promise<Result> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await call();
    } catch (thrown) {
      const isFinal = (): boolean => !isWorthwhile(thrown) || cluster.status === 'closed' || isOver();
      if (!isFinal()) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      if (isFinal()) throw unwrapped(thrown);
    }
  }
}

/** Does in the background, for as long as it takes, what does no harm when it is done twice. */
export function seeToIt(cluster: Cluster, call: () => Promise<unknown>, isOver?: () => boolean): void {
  const persistence = { isWorthwhile: mayBeRepeated, ...(isOver && { isOver }) };
  persist(cluster, call, persistence).catch(() => undefined);
}
