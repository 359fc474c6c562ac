import t from 'tap';
import { PASSWORD, startApp } from '../../support/app.ts';
import { assemble, type Cast, userIdOf } from '../../support/cast.ts';
import { TestClock } from '../../support/clock.ts';
import { eventually } from '../../support/eventually.ts';
import { ask, audited, enter, hearsNothing, open, settled, visitor } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';
import { testDatabase } from '../../support/postgres.ts';
import { startRedis } from '../../support/redis.ts';
import { mediaReady, produce, send } from '../../support/sending.ts';

const ban = (by: Person, { meeting }: Pick<Cast, 'meeting'>, participantId: string, body: { reason?: string; expiresAt?: string } = {}) =>
  by.call('banParticipant', { params: { id: meeting.id, participantId }, body });
const bansOf = async (by: Person, { meeting }: Pick<Cast, 'meeting'>) => (await by.call('listBans', { params: { id: meeting.id } })).items;

t.test('MO20 a ban cuts every tab and device of that person on every server within a second; nothing more arrives', async (t) => {
  const redis = await startRedis(t);
  const options = { databaseUrl: await testDatabase(t), clock: new TestClock(), env: { REDIS_URL: redis.url } };
  const [one, two] = [await startApp(t, options), await startApp(t, options)];
  const cast = await assemble(t, one);
  const { meeting, host, attendee } = cast;
  // The second browser of the same account sits at the other server, with media; the first one only follows.
  const phone = two.stranger();
  await phone.call('signIn', { body: { email: 'ann.attendee@example.org', password: PASSWORD } });
  await phone.connect();
  await mediaReady(two);
  await send(phone, meeting.id, 'microphone', 'camera');
  await phone.follow(`meeting:${meeting.id}`);
  await attendee.person.follow(`lobby:${attendee.participantId}`);
  const started = Date.now();
  await ban(host.person, cast, attendee.participantId, { reason: 'Shouting' });
  t.match(await phone.signalled('room.removed'), { data: { meetingId: meeting.id, how: 'banned' } });
  for (const person of [phone, attendee.person])
    t.match(await person.signalled('topic.closed'), { data: { topic: `meeting:${meeting.id}`, code: 'NOT_ADMITTED' } });
  await eventually(() => two.app.media.states(meeting.id)[attendee.participantId] === undefined, 'the end of the transports');
  t.ok(Date.now() - started < 1000, `within a second: ${Date.now() - started} ms`);
  t.match(await attendee.person.hears('lobby.changed'), { data: { status: 'banned' } });
  await t.rejects(produce(phone, 'microphone'), { code: 'NOT_ADMITTED' });
  for (const person of [phone, attendee.person]) {
    await t.rejects(person.send('room.enter', { meetingId: meeting.id }), { code: 'NOT_ADMITTED' });
    await t.rejects(person.follow(`meeting:${meeting.id}`), { code: 'NOT_FOUND' });
  }
  const heard = [phone, attendee.person].map((person) => person.heard.length + person.signals.length);
  await host.person.call('updateMeeting', { params: { id: meeting.id }, body: { title: 'Among ourselves' } });
  await enter(two.stranger(), meeting, 'Somebody new');
  for (const person of [phone, attendee.person]) await settled(person);
  t.same(
    [phone, attendee.person].map((person) => person.heard.length + person.signals.length),
    heard,
    'nothing of the room arrives',
  );
  t.match(await audited(one, meeting.id), { 'participant.ban': 1 });
});

t.test('MO21 a ban holds against the account by every way in, until it is lifted', async (t) => {
  const cast = await assemble(t);
  const { app, meeting, host, moderator, attendee } = cast;
  const { id } = await ban(moderator.person, cast, attendee.participantId, { reason: 'Shouting' });
  t.match(await bansOf(host.person, cast), [
    { id, displayName: 'Ann Attendee', reason: 'Shouting', bannedBy: 'Mo Moderator', expiresAt: null },
  ]);
  const refused = (person: Person, why: string) => t.rejects(ask(person, meeting, 'Somebody Else'), { code: 'NOT_ALLOWED' }, why);
  await refused(attendee.person, 'another name');
  const elsewhere = app.stranger();
  await elsewhere.call('signIn', { body: { email: 'ann.attendee@example.org', password: PASSWORD } });
  await refused(elsewhere, 'another browser with the same account: cleared storage');
  const door = await elsewhere.call('getDoor', { params: { joinCode: meeting.joinCode } });
  t.equal(door.you?.status, 'banned', 'and the door says so');
  await attendee.person.call('signOut', {});
  await refused(attendee.person, 'the same browser as a guest, without the account');
  await t.rejects(host.person.call('addCoHost', { params: { id: meeting.id }, body: { userId: attendee.userId } }), { code: 'CONFLICT' });
  await t.rejects(ban(host.person, cast, attendee.participantId), { code: 'CONFLICT' }, 'once is enough');

  await moderator.person.call('liftBan', { params: { id: meeting.id, banId: id } });
  t.same(await bansOf(host.person, cast), []);
  t.match(await elsewhere.call('getDoor', { params: { joinCode: meeting.joinCode } }), { you: { status: 'declined' } });
  await enter(elsewhere, meeting, 'Ann');
  await t.rejects(moderator.person.call('liftBan', { params: { id: meeting.id, banId: id } }), { code: 'NOT_FOUND' });
  t.match(await audited(app, meeting.id), { 'participant.ban': 1, 'ban.lift': 1 });
});

t.test('MO22 a ban of a guest holds for the device, signed in or not; a browser without its cookie is a new person', async (t) => {
  const cast = await assemble(t);
  const { app, meeting, host, guest } = cast;
  await ban(host.person, cast, guest.participantId);
  const refused = (why: string) => t.rejects(ask(guest.person, meeting, 'Gustav'), { code: 'NOT_ALLOWED' }, why);
  await refused('another name');
  await app.account('Ida Innocent');
  await guest.person.call('signIn', { body: { email: 'ida.innocent@example.org', password: PASSWORD } });
  await refused('with an account at the same device');
  t.match(await ask(app.stranger(), meeting, 'Gus Guest'), { status: 'approved' }, 'nobody can know who a cleared browser is');
});

t.test('MO23 a ban ends by itself when it was given an end', async (t) => {
  const cast = await assemble(t);
  const { app, meeting, host, guest } = cast;
  for (const expiresAt of ['2026-11-21T08:59:00Z', '2026-11-21T09:00:00Z'])
    await t.rejects(ban(host.person, cast, guest.participantId, { expiresAt }), {
      code: 'INVALID_INPUT',
      errors: [{ field: '/body/expiresAt' }],
    });
  t.match(await ban(host.person, cast, guest.participantId, { expiresAt: '2026-11-21T09:10:00Z' }), { expiresAt: '2026-11-21T09:10:00Z' });
  app.clock.advance(9 * 60_000);
  await t.rejects(ask(guest.person, meeting, 'Gus'), { code: 'NOT_ALLOWED' });
  app.clock.advance(60_000);
  t.same(await bansOf(host.person, cast), [], 'the list shows who is kept out now');
  t.match(await guest.person.call('getDoor', { params: { joinCode: meeting.joinCode } }), { you: { status: 'declined' } });
  t.match(await ask(guest.person, meeting, 'Gus'), { status: 'approved' });
});

t.test('MO24 somebody who waits can be banned; only those who moderate see bans, page by page', async (t) => {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const stranger = await app.account('Sam Stranger');
  const meeting = await open(host);
  await host.connect();
  await host.follow(`desk:${meeting.id}`);
  await stranger.connect();
  const names = ['Ann', 'Ben', 'Cid'];
  for (const name of names) {
    const { guest, lobby } = await visitor(app, meeting, name);
    await ban(host, { meeting }, lobby.participantId);
    t.match(await guest.hears('lobby.changed'), { data: { status: 'banned', place: null } });
  }
  await host.until(() => host.heard.filter(({ name }) => name === 'waiting.left').length === 3);
  const first = await host.call('listBans', { params: { id: meeting.id }, query: { limit: 2 } });
  const rest = await host.call('listBans', { params: { id: meeting.id }, query: { limit: 2, after: first.next! } });
  t.same(
    [...first.items, ...rest.items].map(({ displayName }) => displayName),
    names.toReversed(),
  );
  await t.rejects(stranger.call('listBans', { params: { id: meeting.id } }), { code: 'NOT_FOUND' });
  await hearsNothing(t, stranger);
});

t.test('MO25 a banned co-host loses the role as well', async (t) => {
  const cast = await assemble(t);
  const { meeting, host, coHost } = cast;
  await ban(host.person, cast, coHost.participantId);
  t.same((await host.person.call('listCoHosts', { params: { id: meeting.id } })).items, []);
  await t.rejects(coHost.person.call('getMeeting', { params: { id: meeting.id } }), { code: 'NOT_FOUND' });
  t.equal(await userIdOf(coHost.person), coHost.userId, 'the account itself goes on');
});
