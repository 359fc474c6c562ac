import t, { type Test } from 'tap';
import { startApp, type TestApp } from '../../support/app.ts';
import { ask, audited, enter, hearsNothing, open, rows, schedule, settled, visitor } from '../../support/meetings.ts';
import type { Meeting } from '../../../server/contract/meetings.ts';
import type { Person } from '../../support/person.ts';

/** A host with two tabs at the desk of an open meeting, and somebody with an account who has no part in it. */
async function desk(t: Test): Promise<{ app: TestApp; host: Person; tab: Person; other: Person; meeting: Meeting }> {
  const app = await startApp(t);
  const [host, other] = [await app.account('Hanna Host'), await app.account('Otto Other')];
  const meeting = await open(host);
  const tab = app.returning(host);
  for (const person of [host, tab]) {
    await person.connect();
    t.strictSame((await person.follow(`desk:${meeting.id}`)).snapshot, { waiting: [] });
  }
  await other.connect();
  return { app, host, tab, other, meeting };
}
const decide = (person: Person, what: 'approveParticipant' | 'rejectParticipant', id: string, participantId: string) => {
  const params = { id, participantId };
  return what === 'approveParticipant' ? person.call(what, { params }) : person.call(what, { params, body: { reason: 'Next group' } });
};
const waiting = async (host: Person, id: string) =>
  (await host.call('listWaiting', { params: { id } })).items.map(({ displayName }) => displayName);
const last = (person: Person, name: string) => person.heard.findLast((change) => change.name === name)?.data;

t.test('who waits is heard by every desk, listed in order of arrival, and told their place', async (t) => {
  const { app, host, tab, other, meeting } = await desk(t);
  const guests: Awaited<ReturnType<typeof visitor>>[] = [];
  for (const name of ['Ann', 'Ben', 'Cid']) {
    guests.push(await visitor(app, meeting, name));
    app.clock.advance(1000);
  }
  t.strictSame(
    guests.map(({ lobby }) => lobby.place),
    [1, 2, 3],
  );
  for (const person of [host, tab]) {
    await person.until(() => person.heard.length === 3);
    t.match(person.heard, [
      {
        name: 'waiting.joined',
        seq: 1,
        data: { participant: { displayName: 'Ann', signedIn: false, requestedAt: '2026-11-21T09:00:00Z' } },
      },
      { name: 'waiting.joined', seq: 2, data: { participant: { displayName: 'Ben' } } },
      { name: 'waiting.joined', seq: 3, data: { participant: { displayName: 'Cid' } } },
    ]);
  }
  t.strictSame(await waiting(host, meeting.id), ['Ann', 'Ben', 'Cid']);
  const page = await host.call('listWaiting', { params: { id: meeting.id }, query: { limit: 2 } });
  const next = await host.call('listWaiting', { params: { id: meeting.id }, query: { limit: 2, after: page.next! } });
  t.strictSame(
    [...page.items, ...next.items].map(({ displayName }) => displayName),
    ['Ann', 'Ben', 'Cid'],
    'page by page',
  );
  const [ann, ben, cid] = guests as [(typeof guests)[0], (typeof guests)[0], (typeof guests)[0]];
  await ann.guest.send('waiting.leave', { participantId: ann.lobby.participantId });
  t.same((await tab.hears('waiting.left')).data, { participantId: ann.lobby.participantId, outcome: 'gone', by: null });
  app.clock.advance(100);
  for (const [{ guest, lobby }, place] of [
    [ben, 1],
    [cid, 2],
  ] as const) {
    await guest.until(() =>
      guest.signals.some(({ name, data }) => name === 'lobby.place' && JSON.stringify(data).includes(`"place":${place}`)),
    );
    t.same(guest.signals.findLast(({ name }) => name === 'lobby.place')!.data, { participantId: lobby.participantId, place });
  }
  t.strictSame(await waiting(host, meeting.id), ['Ben', 'Cid']);
  await hearsNothing(t, other);
});

t.test('letting somebody in is heard at the door and at every desk, and only there', async (t) => {
  const { app, host, tab, other, meeting } = await desk(t);
  const [ann, ben] = [await visitor(app, meeting, 'Ann'), await visitor(app, meeting, 'Ben')];
  const { participantId } = ann.lobby;
  ben.guest.heard.length = 0;
  t.same(await decide(host, 'approveParticipant', meeting.id, participantId), {
    ...{ id: participantId, displayName: 'Ann', role: 'attendee', status: 'approved', handRaisedAt: null, spotlit: false },
  });
  t.match((await ann.guest.hears('lobby.changed')).data, { participantId, status: 'approved', place: null });
  for (const person of [host, tab])
    t.same((await person.hears('waiting.left')).data, { participantId, outcome: 'approved', by: 'Hanna Host' });
  await settled(ben.guest);
  t.strictSame(ben.guest.heard, [], 'the next one in the queue is not told about others');
  await hearsNothing(t, other);
  await t.resolves(ann.guest.send('room.enter', { meetingId: meeting.id }));
});

t.test('turning somebody away is heard; they may ask again, at the end of the queue', async (t) => {
  const { app, host, tab, meeting } = await desk(t);
  const ann = await visitor(app, meeting, 'Ann');
  const { participantId } = ann.lobby;
  app.clock.advance(1000);
  await visitor(app, meeting, 'Ben');
  t.match(await decide(host, 'rejectParticipant', meeting.id, participantId), { status: 'declined' });
  t.match((await ann.guest.hears('lobby.changed')).data, { status: 'declined', place: null });
  t.same((await tab.hears('waiting.left')).data, { participantId, outcome: 'declined', by: 'Hanna Host' });
  await t.rejects(ann.guest.send('room.enter', { meetingId: meeting.id }), { code: 'NOT_ADMITTED' });
  await t.rejects(ann.guest.follow(`meeting:${meeting.id}`), { code: 'NOT_FOUND' });
  app.clock.advance(60_000);
  t.match(await ask(ann.guest, meeting, 'Ann'), { participantId, status: 'pending', place: 2 });
  t.strictSame(await waiting(host, meeting.id), ['Ben', 'Ann']);
  await tab.until(() => tab.heard.filter(({ name }) => name === 'waiting.joined').length === 3);
  t.match(last(tab, 'waiting.joined'), { participant: { id: participantId, requestedAt: '2026-11-21T09:01:01Z' } });
});

t.test('whoever waits is kept out of everything behind the door, and hears nothing of it', async (t) => {
  const { app, host, meeting } = await desk(t);
  const { guest, lobby } = await visitor(app, meeting, 'Ann');
  for (const topic of [`meeting:${meeting.id}`, `desk:${meeting.id}`]) await t.rejects(guest.follow(topic), { code: 'NOT_FOUND' });
  await t.rejects(guest.send('room.enter', { meetingId: meeting.id }), { code: 'NOT_ADMITTED' });
  await t.rejects(guest.send('media.pause', { source: 'camera', paused: true }), { code: 'NOT_ADMITTED' });
  await t.rejects(guest.call('listWaiting', { params: { id: meeting.id } }), { code: 'NOT_SIGNED_IN' });
  await t.rejects(guest.call('approveParticipant', { params: { id: meeting.id, participantId: lobby.participantId } }), {
    code: 'NOT_SIGNED_IN',
  });
  const ada = await app.account('Ada Lovelace', 'admin');
  const place = await ask(ada, meeting, 'Ada');
  await ada.connect();
  await t.rejects(ada.follow(`meeting:${meeting.id}`), { code: 'NOT_FOUND' }, 'an account in the queue is no better off');
  await t.rejects(decide(ada, 'approveParticipant', meeting.id, place.participantId), { code: 'NOT_FOUND' });
  await enter(host, meeting, 'Hanna');
  await host.send('room.leave', {});
  await host.hears('participant.left');
  await settled(guest);
  t.ok(
    guest.heard.every(({ topic }) => topic === `lobby:${lobby.participantId}`),
    'only of their own place',
  );
  t.notOk(JSON.stringify(guest.heard).includes('Ada'));
});

t.test('of two tabs that let in and turn away at once, one wins and one audit row says so', async (t) => {
  const { app, host, tab, meeting } = await desk(t);
  for (let round = 0; round < 6; round++) {
    const { guest, lobby } = await visitor(app, meeting, `Guest ${round}`);
    const choices = [
      decide(host, 'approveParticipant', meeting.id, lobby.participantId),
      decide(tab, 'rejectParticipant', meeting.id, lobby.participantId),
    ];
    const results = await Promise.allSettled(round % 2 ? choices.toReversed() : choices);
    const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.status] : []));
    t.equal(won.length, 1, 'one decision holds');
    t.match(
      results.find((result) => result.status === 'rejected'),
      { reason: { code: 'CONFLICT', status: 409 } },
    );
    t.match((await guest.hears('lobby.changed')).data, { status: won[0]! });
    const [row] = await rows(app, 'select status from participant where id = ?', [lobby.participantId]);
    t.strictSame(row, { status: won[0]! });
    const decided = await rows(app, `select action from audit where resource_id = ? and action <> 'participant.request'`, [
      lobby.participantId,
    ]);
    t.strictSame(decided, [{ action: won[0] === 'approved' ? 'participant.approve' : 'participant.reject' }]);
  }
});

t.test('deciding twice, too late, about nobody, or about somebody in another meeting is refused', async (t) => {
  const { app, host, meeting } = await desk(t);
  const second = await schedule(host);
  const { lobby } = await visitor(app, meeting, 'Ann');
  await t.rejects(
    decide(host, 'approveParticipant', second.id, lobby.participantId),
    { code: 'NOT_FOUND' },
    'not by way of another meeting',
  );
  await t.rejects(decide(host, 'rejectParticipant', meeting.id, meeting.id), { code: 'NOT_FOUND' });
  await decide(host, 'approveParticipant', meeting.id, lobby.participantId);
  for (const what of ['approveParticipant', 'rejectParticipant'] as const)
    await t.rejects(decide(host, what, meeting.id, lobby.participantId), { code: 'CONFLICT' }, what);
  const late = await visitor(app, meeting, 'Late');
  await host.call('endMeeting', { params: { id: meeting.id } });
  await t.rejects(decide(host, 'approveParticipant', meeting.id, late.lobby.participantId), { code: 'MEETING_ENDED' });
  t.match(await audited(app, meeting.id), { 'participant.approve': 1 });
  t.equal((await audited(app, meeting.id))['participant.reject'], undefined);
});
