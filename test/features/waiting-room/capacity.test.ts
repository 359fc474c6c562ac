import t from 'tap';
import { startApp } from '../../support/app.ts';
import { ask, enter, open, rows, visitor } from '../../support/meetings.ts';

const codes = (results: PromiseSettledResult<unknown>[]) =>
  Object.groupBy(results, (result) => (result.status === 'fulfilled' ? 'in' : result.reason.code));
const seats = `select count(*)::int as taken from participant where status in ('approved', 'joined')`;

t.test('40 people ask for the last 10 seats at once: exactly 10 get one', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const meeting = await open(host, { requiresApproval: false, maxParticipants: 12 });
  await enter(host, meeting, 'Hanna');
  const early = app.stranger();
  await ask(early, meeting, 'Early');
  const crowd = Array.from({ length: 40 }, () => app.stranger());
  const results = await Promise.allSettled(crowd.map((guest, n) => ask(guest, meeting, `Guest ${n}`)));
  const { in: seated, MEETING_FULL: full, ...others } = codes(results);
  t.strictSame([seated!.length, full!.length, others], [10, 30, {}]);
  t.strictSame(await rows(app, seats), [{ taken: 12 }]);
  const refused = full![0]!;
  t.match(refused, { reason: { status: 409, message: /12 of 12/, details: { taken: 12, capacity: 12 } } }, 'with numbers');
  t.match(await ask(early, meeting, 'Early'), { status: 'approved' }, 'whoever has a seat keeps it');
  t.match(await ask(host, meeting, 'Hanna'), { status: 'joined' });
  await t.rejects(ask(await app.account('Ada Lovelace'), meeting, 'Ada'), { code: 'MEETING_FULL' }, 'an account is no better off');
});

t.test('40 wait and all are let in at once: exactly as many as there are seats', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const meeting = await open(host, { maxParticipants: 7 });
  await enter(host, meeting, 'Hanna');
  const lobbies = await Promise.all(Array.from({ length: 40 }, (_, n) => ask(app.stranger(), meeting, `Guest ${n}`)));
  t.strictSame(
    lobbies.map(({ place }) => place).toSorted((a, b) => a! - b!),
    Array.from({ length: 40 }, (_, n) => n + 1),
    'each has a place of their own',
  );
  const results = await Promise.allSettled(
    lobbies.map(({ participantId }) => host.call('approveParticipant', { params: { id: meeting.id, participantId } })),
  );
  const { in: admitted, MEETING_FULL: full, ...others } = codes(results);
  t.strictSame([admitted!.length, full!.length, others], [6, 34, {}]);
  t.strictSame(await rows(app, seats), [{ taken: 7 }]);
  const { items } = await host.call('listWaiting', { params: { id: meeting.id } });
  t.equal(items.length, 34, 'the others go on waiting');
});

t.test('a seat that somebody leaves is free for the next one, and who left comes back only when there is one', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const meeting = await open(host, { requiresApproval: false, maxParticipants: 2 });
  await enter(host, meeting, 'Hanna');
  const [first, second] = [app.stranger(), app.stranger()];
  await enter(first, meeting, 'First');
  await t.rejects(ask(second, meeting, 'Second'), { code: 'MEETING_FULL' });
  await first.send('room.leave', {});
  await enter(second, meeting, 'Second');
  await t.rejects(ask(first, meeting, 'First'), { code: 'MEETING_FULL' });
  await t.rejects(first.send('room.enter', { meetingId: meeting.id }), { code: 'MEETING_FULL' }, 'nor by way of the socket');
  await second.send('room.leave', {});
  await t.resolves(first.send('room.enter', { meetingId: meeting.id }));
});

t.test('of many who left and come back at once through the socket, no more than the seats get in', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const meeting = await open(host, { requiresApproval: false, maxParticipants: 10 });
  const crowd = Array.from({ length: 8 }, () => app.stranger());
  for (const [n, guest] of crowd.entries()) {
    await enter(guest, meeting, `Guest ${n}`);
    await guest.send('room.leave', {});
  }
  await host.call('updateMeeting', { params: { id: meeting.id }, body: { maxParticipants: 3 } });
  const results = await Promise.allSettled(crowd.map((guest) => guest.send('room.enter', { meetingId: meeting.id })));
  const { in: entered, MEETING_FULL: full } = codes(results);
  t.strictSame([entered!.length, full!.length], [3, 5]);
  t.strictSame(await rows(app, seats), [{ taken: 3 }]);
});

t.test('lowering the number of seats throws nobody out', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const meeting = await open(host, { maxParticipants: 10 });
  const { guest, lobby } = await visitor(app, meeting, 'Gus');
  await host.call('approveParticipant', { params: { id: meeting.id, participantId: lobby.participantId } });
  await enter(guest, meeting, 'Gus');
  await enter(host, meeting, 'Hanna');
  await host.call('updateMeeting', { params: { id: meeting.id }, body: { maxParticipants: 2 } });
  await app.drop(guest);
  const again = app.returning(guest);
  t.match(await ask(again, meeting, 'Gus'), { status: 'joined' });
  await again.connect();
  t.match(await again.send('room.enter', { meetingId: meeting.id }), { you: { id: lobby.participantId, status: 'joined' } });
});
