import t from 'tap';
import { startApp } from '../../support/app.ts';
import { rows } from '../../support/meetings.ts';
import { Person } from '../../support/person.ts';
import { testDatabase } from '../../support/postgres.ts';
import { startProcess } from '../../support/process.ts';
import { startRedis } from '../../support/redis.ts';
import { addResource, at, request } from '../../support/resources.ts';

const codes = (results: PromiseSettledResult<unknown>[]) => {
  const counted: Record<string, number> = {};
  for (const result of results) {
    const code = result.status === 'fulfilled' ? 'booked' : result.reason.code;
    counted[code] = (counted[code] ?? 0) + 1;
  }
  return counted;
};

t.test('RS1: 200 requests at once through two server processes: no unit is ever booked twice', async (t) => {
  const redis = await startRedis(t);
  const databaseUrl = await testDatabase(t);
  const env = { REDIS_URL: redis.url, MUSTER_SECRET: 's'.repeat(40) };
  const here = await startApp(t, { databaseUrl, env });
  const origins = await Promise.all([1, 2].map(() => startProcess(t, { ...env, DATABASE_URL: databaseUrl })));
  const ada = await here.account('Ada');
  // The processes have the clock of this machine, not the one of the test.
  const day = Temporal.Now.plainDateISO('UTC').add({ days: 30 }).toString();
  const crowd = Array.from({ length: 200 }, (_, n) => {
    const person = new Person(origins[n % 2]!);
    for (const [name, value] of ada.cookies) person.cookies.set(name, value);
    return person;
  });
  const taken = (id: string) =>
    rows<{ units: number; bookings: number }>(
      here,
      `select count(distinct unit)::int as units, count(*)::int as bookings from booking where resource_id = ? and status in ('pending', 'approved')`,
      [id],
    );

  await t.test('one room, one time: one wins, the others are told who and what else', async (t) => {
    const [room, other] = [await addResource(ada), await addResource(ada, { name: 'Another room' })];
    const results = await Promise.allSettled(
      crowd.map((person) => request(person, room, '', '', { startsAt: at('09:00', day), endsAt: at('10:00', day), title: 'Race' })),
    );
    t.same(codes(results), { booked: 1, CONFLICT: 199 });
    t.same(await taken(room.id), [{ units: 1, bookings: 1 }]);
    const refused = results.filter((result) => result.status === 'rejected');
    const told = refused.filter(
      ({ reason }) => reason.details?.blocking?.[0]?.title === 'Race' && reason.details.alternatives[0]?.id === other.id,
    );
    t.equal(told.length, 199, 'each with the booking in the way and another room');
  });

  await t.test('buffers and units: shifted times for a thing of which there are three', async (t) => {
    const laptop = await addResource(ada, {
      type: 'equipment',
      name: 'Laptop',
      capacity: 3,
      bufferBeforeMinutes: 10,
      bufferAfterMinutes: 10,
    });
    const results = await Promise.allSettled(
      crowd.map((person, n) => {
        const startsAt = Temporal.Instant.from(at('12:00', day)).add({ minutes: n % 15 });
        return request(person, laptop, '', '', { startsAt: startsAt.toString(), endsAt: startsAt.add({ minutes: 10 }).toString() });
      }),
    );
    // All of them lie within 24 minutes and keep 20 from each other: one fits into each unit, or two with luck.
    const { booked = 0, CONFLICT = 0, ...others } = codes(results);
    t.same(others, {});
    t.equal(booked + CONFLICT, 200);
    t.ok(booked >= 3, `${booked} booked`);
    t.same(
      await rows(
        here,
        `select a.id from booking a join booking b on a.resource_id = b.resource_id and a.unit = b.unit and a.id < b.id and a.blocked && b.blocked
         where a.resource_id = ?`,
        [laptop.id],
      ),
      [],
      'nobody in anybody’s way',
    );
    t.match(await taken(laptop.id), [{ units: 3 }]);
  });

  await t.test('and the database has the last word', async (t) => {
    const room = await addResource(ada);
    const insert = () =>
      here.app.database.reader().execute(
        `insert into booking (id, resource_id, during, blocked, status, created_at)
         values (gen_random_uuid(), ?, tstzrange(?, ?), tstzrange(?, ?), 'approved', now())`,
        [room.id, at('09:00'), at('10:00'), at('09:00'), at('10:00')],
      );
    await insert();
    await t.rejects(insert(), { code: '23P01' });
  });
});
