import t, { type Test } from 'tap';
import { startApp, type TestApp } from '../../support/app.ts';
import { ask, audited, enter, hearsNothing, open, rows, schedule, settled, visitor } from '../../support/meetings.ts';
import type { Meeting } from '../../../server/contract/meetings.ts';
import type { Person } from '../../support/person.ts';

type Cast = { app: TestApp; host: Person; guest: Person; participantId: string; other: Person; meeting: Meeting };
/** A live meeting with host and one guest in the room, and somebody with an account who has no part in it. */
async function live(t: Test): Promise<Cast> {
  const app = await startApp(t);
  const [host, other] = [await app.account('Hanna Host'), await app.account('Otto Other')];
  const meeting = await open(host, { requiresApproval: false });
  await enter(host, meeting, 'Hanna');
  const guest = app.stranger();
  const participantId = await enter(guest, meeting, 'Gus');
  await host.hears('participant.joined');
  host.heard.length = 0;
  await other.connect();
  return { app, host, guest, participantId, other, meeting };
}
const names = (person: Person) => person.heard.map(({ name }) => name);
const stays = (app: TestApp, participantId: string) =>
  rows<{ seconds: number | null }>(
    app,
    'select extract(epoch from left_at - joined_at)::int as seconds from stay where participant_id = ? order by joined_at',
    [participantId],
  ).then((found) => found.map(({ seconds }) => seconds));
const status = async (app: TestApp, id: string) =>
  (await rows<{ status: string; total_time: number }>(app, 'select status, total_time from participant where id = ?', [id]))[0]!;

t.test('only the host starts and ends; starting a live meeting again changes nothing', async (t) => {
  const app = await startApp(t);
  const [host, guest] = [await app.account('Hanna Host'), await app.account('Gus Guest')];
  const meeting = await schedule(host, { requiresApproval: false });
  const params = { id: meeting.id };
  await ask(guest, meeting, 'Gus');
  for (const what of ['startMeeting', 'endMeeting'] as const) await t.rejects(guest.call(what, { params }), { code: 'NOT_ALLOWED' }, what);
  await t.rejects(host.call('endMeeting', { params }), { code: 'MEETING_NOT_LIVE', status: 409 });
  app.clock.advance(1000);
  const started = await host.call('startMeeting', { params });
  t.match(started, { liveStatus: 'live', startedAt: '2026-11-21T09:00:01Z' });
  app.clock.advance(1000);
  const again = await Promise.all([host.call('startMeeting', { params }), host.call('startMeeting', { params })]);
  t.strictSame(again, [started, started]);
  t.match(await host.call('endMeeting', { params }), { liveStatus: 'ended', endedAt: '2026-11-21T09:00:02Z' });
  await t.rejects(host.call('startMeeting', { params }), { code: 'MEETING_ENDED' });
  await t.rejects(host.call('endMeeting', { params }), { code: 'MEETING_NOT_LIVE' });
  t.match(await audited(app, meeting.id), { 'meeting.start': 1, 'meeting.end': 1 });
});

t.test('nobody enters before the start, without being let in, or after the end', async (t) => {
  const app = await startApp(t);
  const [host, other] = [await app.account('Hanna Host'), await app.account('Otto Other')];
  const meeting = await schedule(host);
  const where = { meetingId: meeting.id };
  await ask(host, meeting, 'Hanna');
  await host.connect();
  await other.connect();
  await t.rejects(host.send('room.enter', where), { code: 'MEETING_NOT_LIVE' });
  await t.rejects(other.send('room.enter', where), { code: 'NOT_FOUND' }, 'no part in it: it does not exist');
  await host.call('startMeeting', { params: { id: meeting.id } });
  const { guest } = await visitor(app, meeting, 'Gus');
  await t.rejects(guest.send('room.enter', where), { code: 'NOT_ADMITTED' }, 'waits');
  await t.rejects(other.send('room.enter', where), { code: 'NOT_FOUND' });
  t.match(await host.send('room.enter', where), { you: { role: 'host', status: 'joined', displayName: 'Hanna' }, resumed: false });
  await t.rejects(guest.send('room.leave', {}), { code: 'NOT_ADMITTED' }, 'not in the room');
  await host.call('endMeeting', { params: { id: meeting.id } });
  await t.rejects(host.send('room.enter', where), { code: 'MEETING_ENDED' });
});

t.test('coming and going is heard by the others in the room and by nobody else', async (t) => {
  const { app, host, guest, participantId, other, meeting } = await live(t);
  const snapshot = await guest.follow(`meeting:${meeting.id}`);
  t.match(snapshot, {
    snapshot: { meeting: { liveStatus: 'live' }, participants: [{ role: 'host' }, { id: participantId, status: 'joined' }] },
  });
  app.clock.advance(10_000);
  await guest.send('room.leave', {});
  t.same((await host.hears('participant.left')).data, { participantId, how: 'left' });
  t.strictSame(await stays(app, participantId), [10]);
  t.strictSame(await status(app, participantId), { status: 'left', total_time: 10 });
  await guest.send('room.enter', { meetingId: meeting.id });
  t.same((await host.hears('participant.joined')).data, {
    participant: { id: participantId, displayName: 'Gus', role: 'attendee', status: 'joined', handRaisedAt: null, spotlit: false },
  });
  await guest.send('room.enter', { meetingId: meeting.id });
  await settled(host);
  t.strictSame(names(host), ['participant.left', 'participant.joined'], 'entering twice is entering once');
  t.strictSame(await stays(app, participantId), [10, null]);
  await hearsNothing(t, other);
  await t.rejects(other.follow(`meeting:${meeting.id}`), { code: 'NOT_FOUND' });
});

t.test('a drop keeps the seat for 30 s and nobody hears of it; coming back in time is one stay', async (t) => {
  const { app, host, guest, participantId, meeting } = await live(t);
  app.clock.advance(10_000);
  await app.drop(guest);
  app.clock.advance(29_000);
  const back = app.returning(guest);
  await back.connect();
  t.match(await back.send('room.enter', { meetingId: meeting.id }), { you: { id: participantId, status: 'joined' } });
  app.clock.advance(60_000);
  await settled(host);
  t.strictSame(names(host), [], 'neither left nor joined');
  await back.send('room.leave', {});
  t.strictSame(await stays(app, participantId), [99]);
  t.match(await status(app, participantId), { total_time: 99 });
});

t.test('after 30 s everybody hears it, and the stay ends when the connection dropped, not later', async (t) => {
  const { app, host, guest, participantId, other } = await live(t);
  app.clock.advance(20_000);
  await app.drop(guest);
  app.clock.advance(29_999);
  await settled(host);
  t.strictSame(names(host), []);
  t.match(await status(app, participantId), { status: 'joined' });
  app.clock.advance(1);
  t.same((await host.hears('participant.left')).data, { participantId, how: 'left' });
  t.strictSame(await stays(app, participantId), [20]);
  t.strictSame(await status(app, participantId), { status: 'left', total_time: 20 });
  await hearsNothing(t, other);
});

t.test('each drop has its own 30 s', async (t) => {
  const { app, host, guest, participantId, meeting } = await live(t);
  await app.drop(guest);
  app.clock.advance(20_000);
  const back = app.returning(guest);
  await back.connect();
  await back.send('room.enter', { meetingId: meeting.id });
  app.clock.advance(5000);
  await app.drop(back);
  app.clock.advance(29_000);
  await settled(host);
  t.strictSame(names(host), [], '54 s after the first drop, 29 s after the second');
  app.clock.advance(1000);
  await host.hears('participant.left');
  t.strictSame(await stays(app, participantId), [25]);
});

t.test('a reload takes the seat over: the old page is told, and there is one person with one stay', async (t) => {
  const { app, host, guest, participantId, meeting } = await live(t);
  const reloaded = app.returning(guest);
  await reloaded.connect();
  t.match(await reloaded.send('room.enter', { meetingId: meeting.id }), { you: { id: participantId } });
  t.same((await guest.signalled('room.replaced')).data, { meetingId: meeting.id });
  t.notOk(reloaded.signals.some(({ name }) => name === 'room.replaced'));
  await t.rejects(guest.send('room.leave', {}), { code: 'NOT_ADMITTED' }, 'the old page cannot take the new one out');
  await t.rejects(guest.send('media.pause', { source: 'camera', paused: true }), { code: 'NOT_ADMITTED' });
  await app.drop(guest);
  app.clock.advance(60_000);
  await settled(host);
  t.strictSame(names(host), [], 'and its end is nobody’s leaving');
  t.match(await host.follow(`meeting:${meeting.id}`), { snapshot: { participants: { length: 2 } } });
  await reloaded.send('room.leave', {});
  t.strictSame(await stays(app, participantId), [60]);
});

t.test('a connection that ends while it enters holds no seat', async (t) => {
  const { app, host, meeting } = await live(t);
  const guest = app.stranger();
  const { participantId } = await ask(guest, meeting, 'Brief');
  await guest.connect();
  guest.raw('room.enter', { meetingId: meeting.id }).catch(() => {}); // the answer never comes
  await app.drop(guest);
  await host.hears('participant.joined');
  await settled(host);
  app.clock.advance(30_000);
  t.same((await host.hears('participant.left')).data, { participantId, how: 'left' });
});

t.test('a page that goes on to another meeting leaves the first', async (t) => {
  const { host, guest, participantId, meeting } = await live(t);
  const [second, closed] = [await open(host, { requiresApproval: false }), await open(host)];
  await ask(guest, second, 'Gus');
  await ask(guest, closed, 'Gus');
  await t.rejects(guest.send('room.enter', { meetingId: closed.id }), { code: 'NOT_ADMITTED' });
  t.strictSame(names(host), [], 'a refusal elsewhere costs nobody the seat');
  await guest.send('room.enter', { meetingId: second.id });
  t.same((await host.hears('participant.left')).data, { participantId, how: 'left' });
  t.match(await host.follow(`meeting:${meeting.id}`), { snapshot: { participants: [{ role: 'host' }] } });
});

t.test('ending for all puts everybody out, closes the stays and tells the door', async (t) => {
  const { app, host, guest, participantId, other, meeting } = await live(t);
  await host.call('updateMeeting', { params: { id: meeting.id }, body: { requiresApproval: true } });
  const { guest: waiting } = await visitor(app, meeting, 'Wanda');
  app.clock.advance(10_000);
  await host.call('endMeeting', { params: { id: meeting.id } });
  for (const person of [host, guest]) {
    await person.until(() => names(person).filter((name) => name === 'participant.left').length === 2, 'both are out');
    t.match(person.heard.findLast(({ name }) => name === 'meeting.changed')!.data, { meeting: { liveStatus: 'ended' } });
  }
  t.match((await waiting.hears('lobby.changed')).data, { status: 'pending', meeting: { liveStatus: 'ended' } });
  t.strictSame(await status(app, participantId), { status: 'left', total_time: 10 });
  t.strictSame(await rows(app, 'select * from stay where left_at is null'), []);
  await t.rejects(guest.send('room.leave', {}), { code: 'NOT_ADMITTED' });
  await t.rejects(guest.send('room.enter', { meetingId: meeting.id }), { code: 'MEETING_ENDED' });
  await app.drop(guest);
  app.clock.advance(60_000);
  await settled(host);
  t.equal(names(host).filter((name) => name === 'participant.left').length, 2, 'nobody leaves twice');
  await hearsNothing(t, other);
});
