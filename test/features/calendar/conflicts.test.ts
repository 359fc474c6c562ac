import t from 'tap';
import { startApp } from '../../support/app.ts';
import { userIdOf } from '../../support/cast.ts';
import { plan, planEvent } from '../../support/events.ts';
import { schedule } from '../../support/meetings.ts';

t.test('what stands in the way of a plan', async (t) => {
  const app = await startApp(t);
  const [ann, bob] = [await app.account('Ann'), await app.account('Bob')];
  const cleo = await app.account('Cleo', 'client');
  const { title: _, ...daily } = plan({ recurrence: { rule: 'FREQ=DAILY;COUNT=5' } });

  await t.test('of a series each date is looked at, and the whole of it is moved to the next free time', async (t) => {
    const event = await planEvent(bob, { startsAt: '2026-11-23T10:30:00Z', endsAt: '2026-11-23T11:30:00Z' });
    const answer = await ann.call('findConflicts', { body: { ...daily, userIds: [await userIdOf(bob)] } });
    t.match(answer.conflicts, [{ name: 'Bob', startsAt: '2026-11-23T10:00:00Z', blockedFrom: '2026-11-23T10:30:00Z', title: null }]);
    t.equal(answer.conflicts.length, 1);
    t.strictSame(answer.nextFree, { startsAt: '2026-11-21T11:30:00Z', endsAt: '2026-11-21T12:30:00Z' });
    await bob.call('deleteEvent', { params: { id: event.id }, query: {} });
    t.strictSame((await ann.call('findConflicts', { body: { ...daily, userIds: [await userIdOf(bob)] } })).conflicts, []);
  });

  await t.test('tasks and notes on a day take no time; a meeting to which somebody is invited does', async (t) => {
    await planEvent(bob, { kind: 'task' });
    const { startsAt: _s, endsAt: _e, ...untimed } = plan({ title: 'Birthday' });
    await bob.call('createEvent', { body: { ...untimed, allDay: true, startDate: '2026-11-21', endDate: '2026-11-22' } });
    const { recurrence: _r, ...once } = daily;
    const asked = { body: { ...once, userIds: [await userIdOf(bob)] } };
    t.strictSame((await ann.call('findConflicts', asked)).conflicts, []);
    const host = await app.account('Hanna Host');
    const meeting = await schedule(host);
    await host.call('inviteToMeeting', { params: { id: meeting.id }, body: { userId: await userIdOf(bob) } });
    t.match((await ann.call('findConflicts', asked)).conflicts, [{ name: 'Bob', kind: 'person', eventId: null }]);
    t.match((await bob.call('findConflicts', { body: once })).conflicts, [{ name: 'Bob', title: 'Case consultation' }]);
  });

  await t.test('clients are not told when others are busy; nobody that nobody knows is asked about', async (t) => {
    await t.rejects(cleo.call('findConflicts', { body: daily }), { code: 'NOT_ALLOWED' });
    await t.rejects(ann.call('findConflicts', { body: { ...daily, userIds: [(await ann.call('listSessions', {})).items[0]!.id] } }), {
      code: 'NOT_FOUND',
    });
  });
});

t.test('CA1 a client hears in their own topic of what they take part in, and of nothing else', async (t) => {
  const app = await startApp(t);
  const [ann, cleo] = [await app.account('Ann'), await app.account('Cleo', 'client')];
  const id = await userIdOf(cleo);
  await cleo.connect();
  await cleo.follow(`user:${id}`);
  await planEvent(ann, { title: 'Not for Cleo', recurrence: { rule: 'FREQ=DAILY;COUNT=3' } });
  const task = await planEvent(ann, { title: 'For Cleo', kind: 'task', assigneeId: id });
  const { data } = await cleo.hears('calendar.changed');
  t.match(data, { items: [{ eventId: task.id, from: task.startsAt }] });
  t.equal(cleo.heard.length, 1);
});
