import t from 'tap';
import { startApp, type TestApp } from '../../support/app.ts';
import { TestClock } from '../../support/clock.ts';
import { eventually } from '../../support/eventually.ts';
import { ask, hearsNothing, open, schedule, settled, visitor } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';

const waiting = async (host: Person, id: string) =>
  (await host.call('listWaiting', { params: { id } })).items.map(({ displayName }) => displayName);
const outcomes = (host: Person) => host.heard.filter(({ name }) => name === 'waiting.left').map(({ data }) => data);
/** A host at the desk of an open meeting with Ann and then Ben in the queue. */
async function queue(app: TestApp) {
  const host = await app.account('Hanna Host');
  const meeting = await open(host);
  await host.connect();
  await host.follow(`desk:${meeting.id}`);
  const ann = await visitor(app, meeting, 'Ann');
  app.clock.advance(1000);
  const ben = await visitor(app, meeting, 'Ben');
  return { host, meeting, ann, ben };
}
/** Comes back with a new connection. */
const back = async (app: TestApp, guest: Person, participantId: string) => {
  const again = app.returning(guest);
  await again.connect();
  return { again, lobby: await again.send('waiting.enter', { participantId }) };
};

t.test('a dropped connection keeps the place for 5 s; closed for good it is off every list within 15 s', async (t) => {
  const app = await startApp(t);
  const { host, meeting, ann, ben } = await queue(app);
  const { participantId } = ann.lobby;
  await app.drop(ann.guest);
  app.clock.advance(5000);
  t.strictSame(await waiting(host, meeting.id), ['Ann', 'Ben'], 'after 5 s');
  const { again, lobby } = await back(app, ann.guest, participantId);
  t.match(lobby, { status: 'pending', place: 1 });
  app.clock.advance(10_000);
  await settled(host);
  t.strictSame(await waiting(host, meeting.id), ['Ann', 'Ben'], 'and stays for those who came back');
  t.strictSame(outcomes(host), []);
  await app.drop(again);
  app.clock.advance(10_000);
  t.same((await host.hears('waiting.left')).data, { participantId, outcome: 'gone', by: null });
  t.strictSame(await waiting(host, meeting.id), ['Ben']);
  app.clock.advance(100);
  const { participantId: next } = ben.lobby;
  const isNext = (data: unknown) => JSON.stringify(data) === JSON.stringify({ participantId: next, place: 1 });
  await ben.guest.until(() => ben.guest.signals.some(({ name, data }) => name === 'lobby.place' && isNext(data)), 'the next place');
});

t.test('each drop has its own grace: a return in between counts', async (t) => {
  const app = await startApp(t);
  const { host, meeting, ann } = await queue(app);
  await app.drop(ann.guest);
  app.clock.advance(4000);
  const { again } = await back(app, ann.guest, ann.lobby.participantId);
  app.clock.advance(1000);
  await app.drop(again);
  app.clock.advance(5000);
  t.match((await back(app, ann.guest, ann.lobby.participantId)).lobby, { place: 1 }, '10 s after the first drop, 5 s after the second');
  t.strictSame(outcomes(host), []);
  t.strictSame(await waiting(host, meeting.id), ['Ann', 'Ben']);
});

t.test('of two tabs at the door one is enough; whoever comes back too late is at the end of the queue', async (t) => {
  const app = await startApp(t);
  const { host, meeting, ann } = await queue(app);
  const { participantId } = ann.lobby;
  const { again } = await back(app, ann.guest, participantId);
  await app.drop(ann.guest);
  app.clock.advance(20_000);
  await settled(host);
  t.strictSame(await waiting(host, meeting.id), ['Ann', 'Ben']);
  t.strictSame(outcomes(host), []);
  await app.drop(again);
  app.clock.advance(10_000);
  await host.hears('waiting.left');
  app.clock.advance(1000);
  t.match((await back(app, ann.guest, participantId)).lobby, { status: 'pending', place: 2 });
  await host.until(() => host.heard.filter(({ name }) => name === 'waiting.joined').length === 3);
  t.strictSame(await waiting(host, meeting.id), ['Ben', 'Ann']);
});

t.test('a connection that ends while it asks for its place does not hold it for ever', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const meeting = await open(host);
  await host.connect();
  await host.follow(`desk:${meeting.id}`);
  for (let round = 0; round < 5; round++) {
    const guest = app.stranger();
    const { participantId } = await ask(guest, meeting, 'Ann');
    await guest.connect();
    guest.raw('waiting.enter', { participantId }).catch(() => {}); // the answer never comes
    await app.drop(guest);
  }
  await eventually(async () => (await waiting(host, meeting.id)).length === 5, 'all in the queue');
  // Again and again: a connection that is slow to ask does so after the first ten seconds.
  await eventually(() => {
    app.clock.advance(10_000);
    return outcomes(host).length === 5;
  }, 'everybody gone');
  t.strictSame(await waiting(host, meeting.id), []);
});

t.test('whoever asks and never connects is off the list after 45 s', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const meeting = await open(host);
  await host.connect();
  await host.follow(`desk:${meeting.id}`);
  const { participantId } = await ask(app.stranger(), meeting, 'Program');
  app.clock.advance(45_000);
  await settled(host);
  t.strictSame(await waiting(host, meeting.id), ['Program']);
  app.clock.advance(15_000);
  t.same((await host.hears('waiting.left')).data, { participantId, outcome: 'gone', by: null });
});

t.test('leaving the queue is heard at once, and asking again starts at its end', async (t) => {
  const app = await startApp(t);
  const { host, meeting, ann } = await queue(app);
  const { participantId } = ann.lobby;
  await ann.guest.send('waiting.leave', { participantId });
  t.same((await host.hears('waiting.left')).data, { participantId, outcome: 'gone', by: null });
  await ann.guest.send('waiting.leave', { participantId });
  t.equal(outcomes(host).length, 1, 'leaving twice is leaving once');
  t.strictSame(await waiting(host, meeting.id), ['Ben']);
  app.clock.advance(1000);
  t.match(await ask(ann.guest, meeting, 'Ann'), { participantId, status: 'pending', place: 2 });
});

t.test('over a restart of the server the place is kept for whoever is back in time, and swept for whoever is not', async (t) => {
  const app = await startApp(t);
  const { host, meeting, ann, ben } = await queue(app);
  await app.stop();
  const second = await startApp(t, { databaseUrl: app.databaseUrl, clock: new TestClock('2026-11-21T09:00:20Z') });
  const desk = second.returning(host);
  await desk.connect();
  t.match(await desk.follow(`desk:${meeting.id}`), { snapshot: { waiting: [{ displayName: 'Ann' }, { displayName: 'Ben' }] } });
  t.match((await back(second, ben.guest, ben.lobby.participantId)).lobby, { place: 2 });
  second.clock.advance(20_000);
  await settled(desk);
  t.strictSame(await waiting(desk, meeting.id), ['Ann', 'Ben'], '40 s after the last sign of life');
  second.clock.advance(15_000);
  t.same((await desk.hears('waiting.left')).data, { participantId: ann.lobby.participantId, outcome: 'gone', by: null });
  t.strictSame(await waiting(desk, meeting.id), ['Ben'], 'who came back stays');
  second.clock.advance(60_000);
  await settled(desk);
  t.equal(outcomes(desk).length, 1);
});

t.test('at the door it is heard when the meeting changes, starts, ends or is cancelled', async (t) => {
  const app = await startApp(t);
  const [host, other] = [await app.account('Hanna Host'), await app.account('Otto Other')];
  const [meeting, second] = [await schedule(host), await schedule(host)];
  const params = { id: meeting.id };
  await other.connect();
  const ann = await visitor(app, meeting, 'Ann');
  const ben = await visitor(app, second, 'Ben');
  const told = (person: Person, count: number) =>
    person.until(() => person.heard.length === count && person.heard.at(-1)!.data, `${count} changes`);
  await host.call('updateMeeting', { params, body: { title: 'Supervision', endsAt: '2026-11-21T12:00:00Z' } });
  t.match(await told(ann.guest, 1), { status: 'pending', place: 1, meeting: { title: 'Supervision', endsAt: '2026-11-21T12:00:00Z' } });
  await host.call('startMeeting', { params });
  t.match(await told(ann.guest, 2), { status: 'pending', meeting: { liveStatus: 'live' } });
  await host.call('endMeeting', { params });
  t.match(await told(ann.guest, 3), { meeting: { liveStatus: 'ended' } });
  await hearsNothing(t, ben.guest, 'whoever stands at another door hears nothing');
  await host.call('deleteMeeting', { params: { id: second.id } });
  const closed = await ben.guest.signalled('topic.closed');
  t.same(closed.data, { topic: `lobby:${ben.lobby.participantId}`, code: 'MEETING_CANCELLED' });
  t.notOk(ann.guest.signals.some(({ name }) => name === 'topic.closed'));
  await hearsNothing(t, other);
});

t.test('when a meeting ends, the queue is empty at every desk and nobody joins it any more', async (t) => {
  const app = await startApp(t);
  const { host, meeting, ann, ben } = await queue(app);
  await host.call('endMeeting', { params: { id: meeting.id } });
  await host.until(() => outcomes(host).length === 2, 'both gone from the desk');
  t.strictSame(await waiting(host, meeting.id), []);
  t.match((await back(app, ann.guest, ann.lobby.participantId)).lobby, { meeting: { liveStatus: 'ended' } });
  await app.drop(ben.guest);
  app.clock.advance(60_000);
  await settled(host);
  t.strictSame(await waiting(host, meeting.id), []);
  t.equal(host.heard.filter(({ name }) => name === 'waiting.joined').length, 2, 'no new ones');
});
