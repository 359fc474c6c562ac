import t from 'tap';
import type { CalendarChanged, StaleDetails } from '../../../server/contract/calendar.ts';
import { startApp } from '../../support/app.ts';
import { userIdOf } from '../../support/cast.ts';
import { november, plan, planEvent } from '../../support/events.ts';
import { audited, hearsNothing, schedule } from '../../support/meetings.ts';
import type { Refused } from '../../support/person.ts';

const titles = (entries: { title: string; busy: boolean }[]) => entries.map(({ title, busy }) => (busy ? '(busy)' : title));

t.test('an event is planned, read, changed, cancelled and brought back', async (t) => {
  const app = await startApp(t);
  const ann = await app.account('Ann');
  const event = await planEvent(ann, { kind: 'community', visibility: 'public', community: 'North', communityType: 'cultural' });
  t.match(event, {
    title: 'Team lunch',
    kind: 'community',
    community: 'North',
    communityType: 'cultural',
    status: 'confirmed',
    version: 1,
  });
  const params = { id: event.id };
  t.strictSame(await ann.call('getEvent', { params }), event);
  const { event: moved, changed } = await ann.call('updateEvent', {
    params,
    body: { startsAt: '2026-11-21T12:00:00Z', endsAt: '2026-11-21T13:00:00Z', version: event.version },
  });
  t.match([moved, changed], [{ startsAt: '2026-11-21T12:00:00Z', sequence: 1, version: 2 }, 1]);
  t.equal((await ann.call('updateEvent', { params, body: { title: 'Team lunch' } })).changed, 0, 'the same again changes nothing');
  await ann.call('deleteEvent', { params, query: {} });
  t.strictSame(await november(ann), []);
  t.same(titles(await november(ann, { status: 'cancelled' })), ['Team lunch']);
  t.equal((await ann.call('restoreEvent', { params })).status, 'confirmed');
  t.same(titles(await november(ann)), ['Team lunch']);
  t.strictSame(await audited(app, event.id), { 'event.create': 1, 'event.update': 1, 'event.cancel': 1, 'event.restore': 1 });
});

t.test('CA1 what is private is to others a busy time: in the window, by its id, in a search and in every live message', async (t) => {
  const app = await startApp(t);
  const [ann, bob] = [await app.account('Ann'), await app.account('Bob')];
  const [cleo, boss] = [await app.account('Cleo', 'client'), await app.account('Boss', 'admin')];
  for (const person of [bob, cleo]) await person.connect();
  await bob.follow('calendar:staff');
  await cleo.follow('calendar:public');
  await cleo.follow(`user:${await userIdOf(cleo)}`);
  const secret = await planEvent(ann, { title: 'Burnout talk', location: 'Clinic', community: 'Hidden', priority: 'urgent', kind: 'task' });
  const busy = { busy: true, title: '', location: '', kind: null, community: '', priority: null, organizerName: 'Ann', isMine: false };
  for (const other of [bob, boss]) {
    t.match(await november(other), [{ id: secret.id, startsAt: secret.startsAt, ...busy }]);
    t.notMatch(JSON.stringify(await november(other)), /Burnout|Clinic|Hidden|urgent/);
    for (const filter of [{ q: 'burn' }, { kinds: 'task' }, { priority: 'urgent' }, { community: 'Hidden' }, { status: 'confirmed' }])
      t.strictSame(await november(other, filter), [], `${JSON.stringify(filter)} tells nothing`);
    await t.rejects(other.call('getEvent', { params: { id: secret.id } }), { code: 'NOT_FOUND' });
    await t.rejects(other.call('updateEvent', { params: { id: secret.id }, body: { title: 'Mine' } }), { code: 'NOT_FOUND' });
  }
  t.strictSame(await november(cleo), [], 'clients do not even see where others are busy');
  await t.rejects(cleo.follow('calendar:staff'), { code: 'NOT_FOUND' });
  const { data } = await bob.hears('calendar.changed');
  t.strictSame(data, {
    items: [{ eventId: secret.id, seriesId: null, from: secret.startsAt, to: secret.endsAt }],
    by: await userIdOf(ann),
  } satisfies CalendarChanged);
  await hearsNothing(t, cleo, 'a client hears nothing of it');
});

t.test('CA2 staff events are for staff, public ones for everybody signed in, and one takes part in what is private', async (t) => {
  const app = await startApp(t);
  const [ann, bob, cleo] = [await app.account('Ann'), await app.account('Bob', 'facilitator'), await app.account('Cleo', 'client')];
  await planEvent(ann, { title: 'For staff', visibility: 'staff' });
  await planEvent(ann, { title: 'For all', visibility: 'public' });
  const task = await planEvent(ann, { title: 'For Cleo', kind: 'task', assigneeId: await userIdOf(cleo) });
  const meeting = await schedule(ann, { title: 'With Cleo' });
  await ann.call('inviteToMeeting', { params: { id: meeting.id }, body: { userId: await userIdOf(cleo) } });
  t.same(titles(await november(bob)).sort(), ['(busy)', '(busy)', 'For all', 'For staff']);
  t.same(titles(await november(bob, { busy: false })).sort(), ['For all', 'For staff']);
  t.same(titles(await november(cleo)).sort(), ['For Cleo', 'For all', 'With Cleo']);
  t.same(titles(await november(cleo, { mine: true })).sort(), ['For Cleo', 'With Cleo']);
  await t.rejects(bob.call('updateEvent', { params: { id: (await november(bob, { q: 'for staff' }))[0]!.id }, body: { title: 'x' } }), {
    code: 'NOT_ALLOWED',
  });
  const done = await cleo.call('updateEvent', { params: { id: task.id }, body: { progress: 100 } });
  t.match(done.event, { status: 'completed', progress: 100 }, 'the assignee says how far it is');
  await t.rejects(cleo.call('updateEvent', { params: { id: task.id }, body: { title: 'x' } }), { code: 'NOT_ALLOWED' });
});

t.test('CA3 of two who change the same event the later one is told what changed', async (t) => {
  const app = await startApp(t);
  const [ann, boss] = [await app.account('Ann'), await app.account('Boss', 'admin')];
  const event = await planEvent(ann, { visibility: 'staff' });
  const params = { id: event.id };
  await boss.call('updateEvent', { params, body: { location: 'Garden', version: event.version } });
  const refused: Refused = await ann.call('updateEvent', { params, body: { title: 'Dinner', version: event.version } }).then(
    () => t.fail('was not refused'),
    (error) => error,
  );
  t.equal(refused.code, 'STALE_VERSION');
  // What the contract says this error carries.
  const { changes, current } = refused.details as StaleDetails;
  t.match(changes, [{ by: 'Boss', fields: ['location'] }]);
  t.equal(changes.length, 1);
  t.match(current, { location: 'Garden', title: 'Team lunch', version: 2 });
  const redone = await ann.call('updateEvent', { params, body: { title: 'Dinner', version: current.version } });
  t.match(redone.event, { location: 'Garden', title: 'Dinner' });
});

t.test('an all-day event has dates: it is on the same ones in every zone', async (t) => {
  const app = await startApp(t);
  const ann = await app.account('Ann');
  const { startsAt: _, endsAt: __, ...untimed } = plan();
  const day = {
    ...untimed,
    title: 'Retreat',
    allDay: true,
    startDate: '2026-11-21',
    endDate: '2026-11-23',
    timeZone: 'Pacific/Kiritimati',
  };
  await ann.call('createEvent', { body: day });
  t.match(await november(ann), [
    { startsAt: '2026-11-20T10:00:00Z', endsAt: '2026-11-22T10:00:00Z', startDate: '2026-11-21', endDate: '2026-11-23', allDay: true },
  ]);
  await t.rejects(ann.call('createEvent', { body: { ...day, startsAt: '2026-11-21T10:00:00Z' } }), { code: 'INVALID_INPUT' });
  await t.rejects(ann.call('createEvent', { body: { ...day, endDate: '2026-11-21' } }), { code: 'INVALID_INPUT' });
});

t.test('what is longer than the window is found in it', async (t) => {
  const app = await startApp(t);
  const ann = await app.account('Ann');
  await planEvent(ann, { title: 'Exhibition', startsAt: '2026-10-01T08:00:00Z', endsAt: '2026-12-20T08:00:00Z' });
  await planEvent(ann, { title: 'Over midnight', startsAt: '2026-10-31T22:00:00Z', endsAt: '2026-11-01T02:00:00Z' });
  await planEvent(ann, { title: 'Before', startsAt: '2026-10-31T22:00:00Z', endsAt: '2026-11-01T00:00:00Z' });
  t.same(titles(await november(ann)), ['Exhibition', 'Over midnight']);
  const first = await ann.call('getCalendar', { query: { from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z', limit: 1 } });
  const query = { from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z', after: first.next! };
  t.same(titles((await ann.call('getCalendar', { query })).items), ['Over midnight'], 'page by page');
});

t.test('what stands in the way is told before saving, with the next time that is free', async (t) => {
  const app = await startApp(t);
  const [ann, bob] = [await app.account('Ann'), await app.account('Bob')];
  await planEvent(ann, { title: 'Own' });
  const secret = await planEvent(bob, { title: 'Secret', startsAt: '2026-11-21T11:00:00Z', endsAt: '2026-11-21T11:30:00Z' });
  const { title: _, ...body } = plan({ startsAt: '2026-11-21T10:30:00Z', endsAt: '2026-11-21T11:30:00Z' });
  const answer = await ann.call('findConflicts', { body: { ...body, userIds: [await userIdOf(bob)] } });
  t.match(answer.conflicts, [
    { kind: 'person', name: 'Ann', title: 'Own', blockedTo: '2026-11-21T11:00:00Z' },
    { kind: 'person', name: 'Bob', title: null, eventId: null, blockedFrom: secret.startsAt },
  ]);
  t.strictSame(answer.nextFree, { startsAt: '2026-11-21T11:30:00Z', endsAt: '2026-11-21T12:30:00Z' });
  const own = await bob.call('findConflicts', { body: { ...body, eventId: secret.id } });
  t.strictSame(own, { conflicts: [], truncated: false, nextFree: null }, 'what is being changed stands in nobody’s way');
});
