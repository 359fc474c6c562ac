import t, { type Test } from 'tap';
import type { Meeting } from '../../../server/contract/meetings.ts';
import type { LobbyState } from '../../../server/contract/waiting-room.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { ask, audited, hearsNothing, open, rows, settled, visitor } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';

/** A host at two desks of an open meeting, a stranger, and some who wait, in order of arrival. */
async function desks(t: Test, names: string[], over: Parameters<typeof open>[1] = {}) {
  const app = await startApp(t);
  const [host, other] = [await app.account('Hanna Host'), await app.account('Otto Other')];
  const meeting = await open(host, over);
  const tab = app.returning(host);
  for (const person of [host, tab, other]) await person.connect();
  for (const person of [host, tab]) await person.follow(`desk:${meeting.id}`);
  const guests: Awaited<ReturnType<typeof visitor>>[] = [];
  for (const name of names) {
    guests.push(await visitor(app, meeting, name));
    app.clock.advance(1000);
  }
  return { app, host, tab, other, meeting, guests, params: { id: meeting.id } };
}
const waiting = async (host: Person, { id }: Meeting) =>
  (await host.call('listWaiting', { params: { id } })).items.map((one) => one.displayName);
const last = (person: Person) => person.heard.at(-1)!.data as LobbyState; // these people follow their own place alone
const left = (person: Person) => person.heard.filter(({ name }) => name === 'waiting.left').map(({ data }) => data);
const statuses = (app: TestApp, { id }: Meeting) =>
  rows<{ name: string; status: string }>(
    app,
    'select display_name as name, status from participant where event_id = ? order by requested_at',
    [id],
  );

t.test('WR3: everybody is let in in order of arrival, as long as there are seats, and the answer says how many', async (t) => {
  const { app, host, tab, other, meeting, guests, params } = await desks(t, ['Ann', 'Ben', 'Cid', 'Dora'], { maxParticipants: 3 });
  await ask(host, meeting, 'Hanna');
  t.same(await host.call('approveAll', { params }), { approved: 2, leftWaiting: 2 });
  const [ann, ben, cid, dora] = guests.map(({ guest }) => guest);
  for (const person of [ann!, ben!]) {
    await person.hears('lobby.changed');
    t.match(last(person), { status: 'approved', place: null });
    await t.resolves(person.send('room.enter', { meetingId: params.id }));
  }
  for (const desk of [host, tab]) {
    await desk.until(() => left(desk).length === 2);
    t.match(left(desk), [
      { participantId: guests[0]!.lobby.participantId, outcome: 'approved', by: 'Hanna Host' },
      { participantId: guests[1]!.lobby.participantId, outcome: 'approved', by: 'Hanna Host' },
    ]);
  }
  t.strictSame(await waiting(host, meeting), ['Cid', 'Dora']);
  app.clock.advance(100);
  await cid!.until(() => cid!.signals.some(({ name, data }) => name === 'lobby.place' && (data as { place: number }).place === 1));
  t.same(await host.call('approveAll', { params }), { approved: 0, leftWaiting: 2 }, 'no seat, nothing happens');
  t.match(await audited(app, meeting.id), { 'participant.approve': 2 });
  await settled(dora!);
  t.strictSame(dora!.heard, [], 'who goes on waiting is not told who came in');
  await hearsNothing(t, other);
});

t.test('WR3: everybody is turned away, with the reason, and each may ask again', async (t) => {
  const { app, host, tab, meeting, guests, params } = await desks(t, ['Ann', 'Ben', 'Cid']);
  t.same(await host.call('rejectAll', { params, body: { reason: 'We are done for today' } }), { rejected: 3 });
  for (const { guest } of guests) {
    await guest.hears('lobby.changed');
    t.match(last(guest), { status: 'declined', refusal: { reason: 'We are done for today' } });
  }
  await tab.until(() => left(tab).length === 3);
  t.strictSame(await waiting(host, meeting), []);
  t.match(await audited(app, meeting.id), { 'participant.reject': 3 });
  t.same(await host.call('rejectAll', { params, body: {} }), { rejected: 0 });
  app.clock.advance(60_000);
  t.match(await ask(guests[0]!.guest, meeting, 'Ann'), { status: 'pending', place: 1 });
});

t.test('WR3: 200 who wait cost as many statements as 20', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const connection = app.app.database.orm.em.getConnection();
  const execute = connection.execute.bind(connection);
  let statements = 0;
  connection.execute = ((...given: Parameters<typeof execute>) => {
    statements++;
    return execute(...given);
  }) as typeof connection.execute; // the same call, counted
  const cost = async (people: number, what: 'approveAll' | 'rejectAll' | 'messageWaiting' | 'off') => {
    const { id } = await open(host, { maxParticipants: 300 });
    await rows(
      app,
      `insert into participant (id, event_id, device_id, display_name, status, requested_at, waiting_seen_at, created_at)
       select gen_random_uuid(), ?, gen_random_uuid(), 'Guest ' || n, 'pending', now(), now(), now() from generate_series(1, ?::int) n`,
      [id, people],
    );
    statements = 0;
    const params = { id };
    if (what === 'approveAll') t.same(await host.call(what, { params }), { approved: people, leftWaiting: 0 });
    else if (what === 'rejectAll') t.same(await host.call(what, { params, body: {} }), { rejected: people });
    else if (what === 'messageWaiting') t.same(await host.call(what, { params, body: { text: 'Soon' } }), { recipients: people });
    else await host.call('updateMeeting', { params, body: { requiresApproval: false } });
    return statements;
  };
  for (const what of ['approveAll', 'rejectAll', 'messageWaiting', 'off'] as const) {
    const [few, many] = [await cost(20, what), await cost(200, what)];
    // What other parts do about the news (rights, places) may fall into the count or not.
    t.ok(many <= few + 4 && many <= 25, `${what}: ${many} statements for 200, ${few} for 20`);
  }
});

t.test('WR4: turning the waiting room off lets those in who wait, as long as there are seats', async (t) => {
  const { app, host, tab, meeting, guests, params } = await desks(t, ['Ann', 'Ben', 'Cid'], { maxParticipants: 3 });
  await ask(host, meeting, 'Hanna');
  await host.call('updateMeeting', { params, body: { requiresApproval: false } });
  const [ann, ben, cid] = guests.map(({ guest }) => guest);
  for (const person of [ann!, ben!]) {
    await person.until(() => person.heard.length > 0);
    t.match(last(person), { status: 'approved', meeting: { requiresApproval: false } });
    t.equal(person.heard.length, 1, 'told once');
  }
  await cid!.until(() => cid!.heard.length > 0);
  t.match(last(cid!), { status: 'pending', place: 1, meeting: { requiresApproval: false } }, 'no seat');
  await tab.until(() => left(tab).length === 2);
  t.match(await ask(cid!, meeting, 'Cid'), { status: 'pending', place: 1 }, 'asking again keeps the place');
  await t.rejects(ask(app.stranger(), meeting, 'Late'), { code: 'MEETING_FULL' });
  await host.call('updateMeeting', { params, body: { maxParticipants: 10 } });
  await cid!.until(() => last(cid!).status === 'approved', 'more seats');
  t.match(await audited(app, meeting.id), { 'participant.approve': 3 });
  t.match(await statuses(app, meeting), [{ name: 'Ann', status: 'approved' }, { name: 'Ben' }, { name: 'Cid', status: 'approved' }, {}]);
});

t.test('WR5: a message reaches everybody who waits, or one of them, and is there after a reload', async (t) => {
  const { app, host, other, meeting, guests, params } = await desks(t, ['Ann', 'Ben']);
  const [ann, ben] = guests as [(typeof guests)[0], (typeof guests)[0]];
  const write = (text: string, participantId?: string) =>
    host.call('messageWaiting', { params, body: { text, ...(participantId === undefined ? {} : { participantId }) } });
  t.same(await write('Ten minutes more'), { recipients: 2 });
  t.same(await write('<b>Ben</b>, please mute', ben.lobby.participantId), { recipients: 1 });
  await ben.guest.until(() => ben.guest.heard.length === 2);
  t.match(last(ben.guest), {
    place: 2,
    messages: [
      { from: 'Hanna Host', text: 'Ten minutes more', sentAt: '2026-11-21T09:00:02Z' },
      { from: 'Hanna Host', text: '<b>Ben</b>, please mute' },
    ],
  });
  await settled(ann.guest);
  t.match(ann.guest.heard, [{ data: { place: 1, messages: [{ text: 'Ten minutes more' }] } }]);
  t.equal(ann.guest.heard.length, 1, 'what is for Ben, Ann does not hear');
  const reload = await app.returning(ben.guest).call('getDoor', { params: { joinCode: meeting.joinCode } });
  t.equal(reload.you?.messages.length, 2);
  t.match(await ask(app.stranger(), meeting, 'Late'), { messages: [] }, 'who comes later was not meant');
  for (let n = 0; n < 21; n++) await write(`Note ${n}`, ann.lobby.participantId);
  await ann.guest.until(() => last(ann.guest).messages.at(-1)?.text === 'Note 20');
  t.equal(last(ann.guest).messages.length, 20, 'the last 20');
  await host.call('approveParticipant', { params: { ...params, participantId: ann.lobby.participantId } });
  await t.rejects(write('Too late', ann.lobby.participantId), { code: 'CONFLICT' });
  await t.rejects(write('Nobody', meeting.id), { code: 'NOT_FOUND' });
  await t.rejects(other.call('messageWaiting', { params, body: { text: 'Hello' } }), { code: 'NOT_FOUND' });
  t.match(await audited(app, meeting.id), { 'waitingRoom.message': 23 });
  const [trail] = await rows<{ details: unknown }>(app, `select string_agg(details::text, '') as details from audit where scope = ?`, [
    meeting.id,
  ]);
  t.notOk(String(trail!.details).includes('mute'), 'the trail keeps no texts');
  await hearsNothing(t, other);
});

t.test('WR9: a name that a host corrects is the same on every screen, and the order stays', async (t) => {
  const { app, host, tab, meeting, guests, params } = await desks(t, ['Anonymous', 'Ben']);
  const { guest, lobby } = guests[0]!;
  const target = { ...params, participantId: lobby.participantId };
  t.match(await host.call('renameWaiting', { params: target, body: { displayName: ' Ann Arbor ' } }), { displayName: 'Ann Arbor' });
  for (const desk of [host, tab])
    t.match((await desk.hears('waiting.changed')).data, { participant: { id: lobby.participantId, displayName: 'Ann Arbor' } });
  await guest.hears('lobby.changed');
  t.match(last(guest), { displayName: 'Ann Arbor', place: 1 });
  const expected = ['Ann Arbor', 'Ben'];
  t.strictSame(await waiting(host, meeting), expected);
  t.match((await tab.follow(`desk:${meeting.id}`)).snapshot, { waiting: expected.map((displayName) => ({ displayName })) });
  await host.call('rejectParticipant', { params: target, body: {} });
  await t.rejects(host.call('renameWaiting', { params: target, body: { displayName: 'X' } }), { code: 'CONFLICT' });
  t.match(await audited(app, meeting.id), { 'participant.rename': 1 });
});
