import { connect, DecoraftError, type Rejected } from 'decoraft/client';
import { startNode } from 'decoraft/server';
import { afterEach, describe, expect, expectTypeOf, test } from 'vitest';
import { freePeers } from '../examples/key-value/src/node-process.js';
import { isSeatsError, SeatsClient, type SeatsErrors } from './declared-errors/generated/seats.client.js';
import './declared-errors/generated/operations.js';
import { Seats } from './declared-errors/seats.machine.js';
import { closeAll, later } from './support/later.js';

afterEach(closeAll);

async function openSeats(): Promise<SeatsClient> {
  const peers = await freePeers(['a']);
  const node = later(
    await startNode({ id: 'a', dataDir: ':memory:', peers, machines: { seats: new Seats() } }),
  );
  return new SeatsClient(later(await connect([node.address])), 'seats');
}

const thrownBy = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'nothing',
    (error: unknown) => error,
  );

describe('what a method declares with @throws', () => {
  test('comes to the caller with its code and its data, typed', async () => {
    const seats = await openSeats();
    await seats.take(1, 'ada');
    const error = await thrownBy(seats.take(1, 'grace'));
    if (!isSeatsError(error, 'take')) throw error;
    expectTypeOf(error.code).toEqualTypeOf<'CommandRejected'>();
    expectTypeOf(error.data.code).toEqualTypeOf<'Taken' | 'Full'>();
    if (error.data.code !== 'Taken') throw error;
    expectTypeOf(error.data.data).toEqualTypeOf<{ readonly by: string; readonly since: Date }>();
    expect(error.data).toMatchObject({
      code: 'Taken',
      message: 'taken by ada',
      data: { by: 'ada', since: expect.any(Date) as Date },
    });
    expect(error).toBeInstanceOf(DecoraftError);
    expectTypeOf(error).toExtend<Rejected<SeatsErrors['take']>>();
  });

  test('is told apart by method: what one declares another may not', async () => {
    const seats = await openSeats();
    await seats.take(1, 'ada');
    const taken = await thrownBy(seats.take(1, 'grace'));
    await seats.take(2, 'grace');
    const full = await thrownBy(seats.free());
    expect([isSeatsError(taken, 'take'), isSeatsError(taken, 'free')]).toEqual([true, false]);
    expect([isSeatsError(full, 'take'), isSeatsError(full, 'free')]).toEqual([true, true]);
    expect(await thrownBy(seats.take(3, 'mary'))).toMatchObject({ data: { code: 'Full' } });
  });

  test('is no other error: not one without a code, not one of the call, nothing else that is thrown', async () => {
    const seats = await openSeats();
    const others = [
      await thrownBy(seats.take(-1, 'ada')),
      await thrownBy(seats.take('1' as never, 'ada')),
      new DecoraftError('CommandRejected', 'without data'),
      new DecoraftError('NotFound', 'of that code', { data: { code: 'Taken' } }),
      Object.assign(new Error('taken'), { code: 'Taken' }),
      { code: 'CommandRejected', data: { code: 'Taken' } },
      undefined,
    ];
    expect(others[0]).toMatchObject({ code: 'CommandRejected', data: { message: 'no seat -1' } });
    expect(others[1]).toMatchObject({ code: 'InvalidArgument' });
    expect(others.filter((error) => isSeatsError(error, 'take'))).toEqual([]);
  });
});
