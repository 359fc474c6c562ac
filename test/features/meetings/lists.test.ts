import t from 'tap';
import { startApp } from '../../support/app.ts';
import { TestClock } from '../../support/clock.ts';
import { ask, enter, open, schedule } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';

type View = 'upcoming' | 'live' | 'mine' | 'past';
const titles = async (person: Person, view?: View) =>
  (await person.call('listMeetings', { query: view ? { view } : {} })).items.map(({ title }) => title);
const at = (day: number, hour: number) => ({
  startsAt: `2026-11-${day}T${String(hour).padStart(2, '0')}:00:00Z`,
  endsAt: `2026-11-${day}T${String(hour + 1).padStart(2, '0')}:00:00Z`,
});

t.test('each view shows its meetings in its order, and never one of somebody else', async (t) => {
  const app = await startApp(t);
  const [host, other] = [await app.account('Hanna Host'), await app.account('Otto Other')];
  const admin = await app.account('Root', 'admin');
  await schedule(host, { title: 'tomorrow', ...at(22, 9) });
  await schedule(host, { title: 'soon', ...at(21, 10) });
  await schedule(host, { title: 'yesterday, never held', ...at(20, 10) });
  await schedule(host, { title: 'still running by the clock', ...at(21, 8), endsAt: '2026-11-21T09:30:00Z' });
  await open(host, { title: 'live beyond its time', ...at(20, 8) });
  const ended = await open(host, { title: 'ended early', ...at(21, 11) });
  await host.call('endMeeting', { params: { id: ended.id } });
  const cancelled = await schedule(host, { title: 'cancelled', ...at(23, 9) });
  await host.call('deleteMeeting', { params: { id: cancelled.id } });
  await open(other, { title: 'private affair of Otto' });

  t.strictSame(await titles(host), ['live beyond its time', 'still running by the clock', 'soon', 'tomorrow'], 'upcoming is the default');
  t.strictSame(await titles(host, 'live'), ['live beyond its time']);
  t.strictSame(await titles(host, 'past'), ['ended early', 'yesterday, never held']);
  t.strictSame(await titles(host, 'mine'), [
    ...['tomorrow', 'ended early', 'soon', 'still running by the clock', 'yesterday, never held', 'live beyond its time'],
  ]);
  for (const view of ['upcoming', 'live', 'mine', 'past'] as const) {
    t.strictSame(await titles(other, view), view === 'past' ? [] : ['private affair of Otto'], `Otto, ${view}`);
    t.strictSame(await titles(admin, view), [], `an administrator lists only their own, too: ${view}`);
  }
  await t.rejects(app.stranger().call('listMeetings', {}), { code: 'NOT_SIGNED_IN' });
});

t.test('whoever was let in finds the meeting in their lists; whoever waits or was turned away does not', async (t) => {
  const app = await startApp(t);
  const [host, ada] = [await app.account('Hanna Host'), await app.account('Ada Lovelace', 'client')];
  const meeting = await open(host);
  const { participantId } = await ask(ada, meeting, 'Ada');
  const params = { id: meeting.id, participantId };
  t.strictSame(await titles(ada), [], 'waits');
  await host.call('rejectParticipant', { params, body: {} });
  t.strictSame(await titles(ada), [], 'turned away');
  app.clock.advance(60_000);
  await ask(ada, meeting, 'Ada');
  await host.call('approveParticipant', { params });
  t.strictSame(await titles(ada), [meeting.title], 'let in');
  const [item] = (await ada.call('listMeetings', {})).items;
  t.match(item!, { id: meeting.id, joinCode: meeting.joinCode, hostName: 'Hanna Host', isHost: false, liveStatus: 'live' });
  await enter(ada, meeting, 'Ada');
  await ada.send('room.leave', {});
  t.strictSame(await titles(ada, 'live'), [meeting.title], 'left, and may come back');
  t.strictSame(await titles(ada, 'mine'), [], 'mine are those that I host');
});

t.test('lists come page by page, also among meetings that start together, and a made-up cursor is refused', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  for (let n = 1; n <= 5; n++) await schedule(host, { title: `meeting ${n}` });
  for (const view of ['upcoming', 'mine'] as const) {
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const { items, next } = await host.call('listMeetings', { query: { view, limit: 2, ...(after ? { after } : {}) } });
      t.ok(items.length >= 1 && items.length <= 2);
      seen.push(...items.map(({ id }) => id));
      after = next ?? undefined;
    } while (after);
    const whole = (await host.call('listMeetings', { query: { view } })).items.map(({ id }) => id);
    t.equal(new Set(seen).size, 5, view);
    t.strictSame(seen, whole, view);
  }
  const cursor = (...key: string[]) => Buffer.from(JSON.stringify(key)).toString('base64url');
  for (const after of ['x', cursor('2026-11-21T10:00:00Z'), cursor('yesterday', 'x'), cursor('2026-11-21T10:00:00Z', 'not an id')])
    await t.rejects(host.call('listMeetings', { query: { after } }), { code: 'INVALID_INPUT', errors: [{ field: '/query/after' }] }, after);
  await t.rejects(host.call('listMeetings', { query: { limit: 101 } }), { code: 'INVALID_INPUT', errors: [{ field: '/query/limit' }] });
});

t.test('a meeting moves from upcoming to past as time goes by', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  await schedule(host, { title: 'soon' });
  await app.stop();
  const later = await startApp(t, { databaseUrl: app.databaseUrl, clock: new TestClock('2026-11-21T11:00:00Z') });
  const again = later.returning(host);
  t.strictSame([await titles(again), await titles(again, 'past')], [[], ['soon']]);
});

t.test('LI4 the people of a meeting with their time and each of their stays, during it and after', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const meeting = await open(host, { requiresApproval: false });
  await enter(host, meeting, 'Hanna');
  const guest = app.stranger();
  const id = await enter(guest, meeting, 'Gus');
  const ofGuest = async () => {
    const { items } = await host.call('listParticipants', { params: { id: meeting.id } });
    return items.find((person) => person.id === id);
  };
  app.clock.advance(10_000);
  t.match(await ofGuest(), { totalTime: 0, stays: [{ joinedAt: '2026-11-21T09:00:00Z', leftAt: null }] }, 'during the first');
  await guest.send('room.leave', {});
  app.clock.advance(60_000);
  await guest.send('room.enter', { meetingId: meeting.id });
  app.clock.advance(5_000);
  await host.call('endMeeting', { params: { id: meeting.id } });
  t.match(await ofGuest(), {
    totalTime: 15,
    stays: [
      { joinedAt: '2026-11-21T09:00:00Z', leftAt: '2026-11-21T09:00:10Z' },
      { joinedAt: '2026-11-21T09:01:10Z', leftAt: '2026-11-21T09:01:15Z' },
    ],
  });
  await t.rejects(guest.call('listParticipants', { params: { id: meeting.id } }), { code: 'NOT_SIGNED_IN' });
  await t.rejects((await app.account('Sam')).call('listParticipants', { params: { id: meeting.id } }), { code: 'NOT_FOUND' });
});
