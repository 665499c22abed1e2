import type { MachineId } from '@decoraft/protocol';
import { describe, expect, it } from 'vitest';
import { decodeOffers, encodeOffers, type MachineOffer, type OwnOffer } from '../src/machine-offers.js';
import { isOutstanding, nextVersions } from '../src/next-versions.js';

const machine = 7 as MachineId;
const own = (version: number, table = `t${version}`, id = machine): OwnOffer => ({
  machine: id,
  version,
  table,
  agreed: { machine: id, name: `m${id}`, version, table: 'text' },
});
const offer = (version: number, table = `t${version}`, id = machine): MachineOffer => ({
  machine: id,
  version,
  table,
});
const member = (id: string, ...offers: MachineOffer[]) => [id, { id, offers }] as const;

/** What is proposed, by machine and version, and who is waited for. */
function next(
  offers: readonly OwnOffer[],
  agreed: { version: number; table: string } | undefined,
  others: readonly (readonly [string, { id: string; offers: readonly MachineOffer[] } | undefined])[],
): unknown {
  const { machines, waiting } = nextVersions(offers, () => agreed, new Map(others));
  return {
    next: machines.map(({ version }) => version),
    waits: waiting.map(({ members, version }) => ({ version, members })),
  };
}

describe('a group goes over to the highest version that all members can run', () => {
  const first = { version: 1, table: 't1' };

  it('which is none while one member runs the old code, or cannot be asked', () => {
    const code = [own(1), own(2)];
    expect(next(code, first, [member('b', offer(1), offer(2)), member('c', offer(1))])).toEqual({
      next: [],
      waits: [{ version: 2, members: ['c'] }],
    });
    expect(next(code, first, [member('b', offer(1), offer(2)), ['c', undefined]])).toEqual({
      next: [],
      waits: [{ version: 2, members: ['c'] }],
    });
    expect(next(code, first, [member('b', offer(2)), member('c', offer(1), offer(2))])).toEqual({
      next: [2],
      waits: [],
    });
  });

  it('which may be one on the way', () => {
    const others = [member('b', offer(1), offer(2)), member('c', offer(1), offer(2), offer(3))];
    expect(next([own(1), own(2), own(3)], first, others)).toEqual({
      next: [2],
      waits: [{ version: 3, members: ['b'] }],
    });
  });

  it('with the same table: what only one has is not agreed on', () => {
    expect(next([own(1, 'wide')], first, [member('b', offer(1, 'wide')), member('c', offer(1))])).toEqual({
      next: [],
      waits: [{ version: 1, members: ['c'] }],
    });
    expect(next([own(1, 'wide')], first, [member('b', offer(1, 'wide'))])).toEqual({ next: [1], waits: [] });
  });

  it('and never back', () => {
    expect(next([own(1), own(2)], { version: 2, table: 't2' }, [member('b', offer(1))])).toEqual({
      next: [],
      waits: [],
    });
    expect(next([own(1)], { version: 2, table: 't2' }, [])).toEqual({ next: [], waits: [] });
    expect(isOutstanding([own(1), own(2)], () => ({ version: 2, table: 't2' }))).toBe(false);
  });

  it('and a machine that nobody has agreed on as soon as all have it', () => {
    expect(next([own(1)], undefined, [member('b', offer(1, 't1', 8 as MachineId))])).toEqual({
      next: [],
      waits: [{ version: 1, members: ['b'] }],
    });
    expect(next([own(1)], undefined, [member('b', offer(1))])).toEqual({ next: [1], waits: [] });
    expect(isOutstanding([own(1)], () => undefined)).toBe(true);
  });

  it('but not again to one whose migration has failed', () => {
    const failed = ({ version }: OwnOffer): boolean => version === 2;
    expect(isOutstanding([own(1), own(2)], () => first, failed)).toBe(false);
    expect(isOutstanding([own(1), own(2), own(3)], () => first, failed)).toBe(true);
  });
});

it('what a server can run is read as it was written', () => {
  const offers = { id: 'größer', offers: [offer(1), offer(0xffff_ffff, '', 0xffff_ffff as MachineId)] };
  expect(decodeOffers(encodeOffers(offers))).toEqual(offers);
  expect(() => decodeOffers(encodeOffers(offers).subarray(1))).toThrow();
});
