import t, { type Test } from 'tap';
import type { Meeting } from '../../../server/contract/meetings.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { userIdOf } from '../../support/cast.ts';
import { TestClock } from '../../support/clock.ts';
import { november } from '../../support/events.ts';
import { ask, audited, enter, hearsNothing, rows, schedule } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';

/** Daily at 11:00 in Berlin from 21 November on. */
const daily = { title: 'Standup', recurrence: { rule: 'FREQ=DAILY;COUNT=5' } };
const meetingsOf = async (host: Person, { id }: { id: string }): Promise<Meeting[]> => {
  const { items } = await host.call('listOccurrences', { params: { id }, query: {} });
  return Promise.all(items.map((entry) => host.call('getMeeting', { params: { id: entry.id } })));
};
const titles = async (host: Person, view: 'upcoming' | 'mine' | 'past') =>
  (await host.call('listMeetings', { query: { view } })).items.map(({ title, startsAt }) => `${title} ${startsAt.slice(8, 13)}`);
/** A server on the same database at another time, with these people. */
async function at(t: Test, { databaseUrl }: TestApp, time: string, ...people: Person[]) {
  const app = await startApp(t, { databaseUrl, clock: new TestClock(time) });
  return { app, people: people.map((person) => app.returning(person)) };
}

t.test('CA8 a recurring meeting has one link; each occurrence has its own waiting room, people and records', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const first = await schedule(host, daily);
  t.match(first, { rule: 'FREQ=DAILY;COUNT=5', parentMeetingId: null, meetingType: 'recurring' });
  const all = await meetingsOf(host, first);
  t.equal(all.length, 5);
  t.strictSame([...new Set(all.map(({ joinCode }) => joinCode))], [first.joinCode]);
  t.strictSame(
    all.map(({ parentMeetingId }) => parentMeetingId),
    [null, first.id, first.id, first.id, first.id],
  );
  const gina = app.stranger();
  const lobby = await ask(gina, first, 'Gina');
  await host.call('approveParticipant', { params: { id: first.id, participantId: lobby.participantId } });
  t.equal((await host.call('listParticipants', { params: { id: first.id }, query: {} })).items.length, 1);
  t.equal(
    (await host.call('listParticipants', { params: { id: all[1]!.id }, query: {} })).items.length,
    0,
    'who is in one is not in the next',
  );
  t.match(await audited(app, all[1]!.id), {}, 'nor is there anything in its log');
});

t.test('CA8 the calendar says of each occurrence whether its own meeting goes on', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const first = await schedule(host, daily);
  const ids = (await meetingsOf(host, first)).map(({ id }) => id);
  const states = () => Promise.all(ids.map(async (id) => (await host.call('getEvent', { params: { id } })).meeting?.liveStatus));
  await host.call('startMeeting', { params: { id: first.id } });
  t.strictSame(await states(), ['live', 'idle', 'idle', 'idle', 'idle']);
  await host.call('endMeeting', { params: { id: first.id } });
  t.strictSame(await states(), ['ended', 'idle', 'idle', 'idle', 'idle']);
});

t.test('CA9 the link opens the occurrence that is live, or else the next one', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const first = await schedule(host, { ...daily, requiresApproval: false });
  const behind = async (person: Person) => (await person.call('getDoor', { params: { joinCode: first.joinCode } })).meeting.meetingId;
  const all = await meetingsOf(host, first);
  t.equal(await behind(app.stranger()), first.id);
  const second = await at(t, app, '2026-11-22T09:30:00Z', host);
  t.equal(await behind(second.app.stranger()), all[1]!.id, 'the first is over');
  await second.people[0]!.call('startMeeting', { params: { id: all[2]!.id } });
  t.equal(await behind(second.app.stranger()), all[2]!.id, 'one that is live goes first');
  const guest = second.app.stranger();
  await enter(guest, { id: all[2]!.id, joinCode: first.joinCode }, 'Gus');
  await second.people[0]!.call('endMeeting', { params: { id: all[2]!.id } });
  await second.people[0]!.call('deleteMeeting', { params: { id: all[1]!.id }, query: {} });
  t.equal(await behind(second.app.stranger()), all[3]!.id, 'neither one that has ended nor one that was cancelled');
  const after = await at(t, app, '2026-12-22T09:30:00Z');
  t.equal(await behind(after.app.stranger()), all[4]!.id, 'when all is over, the last');
  await host.call('deleteMeeting', { params: { id: first.id }, query: { scope: 'all' } });
});

t.test('CA5 this and following: the link goes on with what follows, and settings go along', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const first = await schedule(host, daily);
  await host.call('addCoHost', { params: { id: first.id }, body: { userId: await userIdOf(await app.account('Cora')) } });
  const all = await meetingsOf(host, first);
  const third = await host.call('updateMeeting', {
    params: { id: all[2]!.id },
    query: { scope: 'following' },
    body: { startsAt: '2026-11-23T12:00:00Z', endsAt: '2026-11-23T12:30:00Z', maxParticipants: 7 },
  });
  t.match(third, { id: all[2]!.id, joinCode: first.joinCode, parentMeetingId: null, maxParticipants: 7 });
  const following = await meetingsOf(host, third);
  t.match(following, [
    { startsAt: '2026-11-23T12:00:00Z', maxParticipants: 7, parentMeetingId: null },
    { startsAt: '2026-11-24T12:00:00Z', maxParticipants: 7, parentMeetingId: third.id },
    { startsAt: '2026-11-25T12:00:00Z', maxParticipants: 7, parentMeetingId: third.id },
  ]);
  const past = await meetingsOf(host, first);
  t.match(past, [{ startsAt: '2026-11-21T10:00:00Z', maxParticipants: 100 }, { parentMeetingId: first.id }]);
  t.not(past[0]!.joinCode, first.joinCode);
  const { items } = await host.call('listMeetings', { query: { view: 'mine', occurrencesOf: third.id } });
  t.equal(items.length, 4, 'all of them are still one history');
});

t.test('CA5 a setting of this and the following leaves those before it as they were', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const first = await schedule(host, daily);
  const all = await meetingsOf(host, first);
  const places = async () => (await meetingsOf(host, first)).map(({ maxParticipants }) => maxParticipants);
  const change = (scope: 'this' | 'following' | 'all', maxParticipants: number) =>
    host.call('updateMeeting', { params: { id: all[2]!.id }, query: { scope }, body: { maxParticipants } });
  await change('following', 7);
  t.strictSame(await places(), [100, 100, 7, 7, 7]);
  await change('this', 9);
  t.strictSame(await places(), [100, 100, 9, 7, 7]);
  await change('all', 12);
  t.strictSame(await places(), [12, 12, 12, 12, 12]);
});

t.test('lists show of a series the next one; what was held stays when the rule changes', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const first = await schedule(host, daily);
  await schedule(host, { title: 'Other', startsAt: '2026-11-26T10:00:00Z', endsAt: '2026-11-26T11:00:00Z' });
  t.strictSame(await titles(host, 'upcoming'), ['Standup 21T10', 'Other 26T10']);
  const all = await meetingsOf(host, first);
  await host.call('startMeeting', { params: { id: all[1]!.id } });
  await host.call('endMeeting', { params: { id: all[1]!.id } });
  const every = { recurrence: { rule: 'FREQ=DAILY;INTERVAL=2;COUNT=3' } };
  const told = await host.call('updateEvent', { params: { id: first.id }, query: { scope: 'all', dryRun: true }, body: every });
  t.match(told.lost, [{ id: all[1]!.id, outcome: 'detached' }]);
  await host.call('updateMeeting', { params: { id: first.id }, query: { scope: 'all' }, body: every });
  const held = await host.call('getMeeting', { params: { id: all[1]!.id } });
  t.match(held, { liveStatus: 'ended', startsAt: '2026-11-22T10:00:00Z', seriesId: null });
  t.strictSame(
    (await meetingsOf(host, first)).map(({ startsAt }) => startsAt.slice(8, 10)),
    ['21', '23', '25'],
  );
});

t.test('a meeting moved in the calendar is told in its room and at its door, and only there', async (t) => {
  const app = await startApp(t);
  const [host, bob] = [await app.account('Hanna Host'), await app.account('Bob')];
  const first = await schedule(host, daily);
  const guest = app.stranger();
  const { participantId } = await ask(guest, first, 'Gina');
  for (const person of [guest, bob, host]) await person.connect();
  await guest.follow(`lobby:${participantId}`);
  await host.follow(`user:${await userIdOf(host)}`);
  await host.call('updateEvent', { params: { id: first.id }, body: { startsAt: '2026-11-21T10:15:00Z' } });
  t.match((await guest.hears('lobby.changed')).data, { meeting: { startsAt: '2026-11-21T10:15:00Z' } });
  t.match((await host.hears('meetings.changed')).data, { meetingId: first.id });
  await hearsNothing(t, bob);
  t.match(await november(bob), [{ busy: true, joinCode: null, title: '' }, {}, {}, {}, {}]);
  await t.rejects(bob.call('updateEvent', { params: { id: first.id }, body: { title: 'x' } }), { code: 'NOT_FOUND' });
  await t.rejects(
    host.call('updateEvent', { params: { id: first.id }, body: { startsAt: '2026-11-01T10:15:00Z', endsAt: '2026-11-21T10:15:00Z' } }),
    { code: 'INVALID_INPUT', errors: [{ field: '/body/endsAt' }] },
    'a meeting lasts seven days at most',
  );
  await host.call('startMeeting', { params: { id: first.id } });
  await t.rejects(host.call('deleteEvent', { params: { id: first.id }, query: {} }), { code: 'CONFLICT' }, 'a live meeting is ended first');
  t.match(await rows(app, 'select count(*)::int from meeting'), [{ count: 5 }]);
});
