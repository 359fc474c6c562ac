import t, { type Test } from 'tap';
import type { ChatAudience, ChatMessage } from '../../../server/contract/chat.ts';
import type { Meeting, NewMeeting } from '../../../server/contract/meetings.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { audited, enter, hearsNothing, open, rows, settled, visitor } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';

type Seated = { person: Person; id: string };
type Room = { app: TestApp; meeting: Meeting; host: Seated; ana: Seated; ben: Seated; outsider: Person };

/** A host and two guests in the room, each following all that they may; and an account that has nothing to do with it. */
async function room(t: Test, over: Partial<NewMeeting> = {}): Promise<Room> {
  const app = await startApp(t);
  const [hanna, outsider] = [await app.account('Hanna Host'), await app.account('Otto Other')];
  const meeting = await open(hanna, { requiresApproval: false, ...over });
  const seat = async (person: Person, name: string): Promise<Seated> => {
    const id = await enter(person, meeting, name);
    await person.follow(`person:${id}`);
    return { person, id };
  };
  const host = await seat(hanna, 'Hanna');
  await hanna.follow(`desk:${meeting.id}`);
  const [ana, ben] = [await seat(app.stranger(), 'Ana'), await seat(app.stranger(), 'Ben')];
  await outsider.connect();
  return { app, meeting, host, ana, ben, outsider };
}

const say = (from: Seated, { id }: { id: string }, text: string, audience: ChatAudience = 'everyone', to?: Seated): Promise<ChatMessage> =>
  from.person.call('sendMessage', { params: { id }, body: { text, audience, ...(to ? { toParticipantId: to.id } : {}) } });
const messagesOf = ({ heard }: Person): ChatMessage[] =>
  heard.filter(({ name }) => name === 'chat.message').map(({ data }) => (data as { message: ChatMessage }).message); // by the contract
const listed = async ({ person }: Seated, { id }: { id: string }) =>
  (await person.call('listMessages', { params: { id }, query: {} })).items.map(({ text }) => text);

t.test('CH1 a message to everyone is heard and read by everyone in the room, in one order, and by nobody else', async (t) => {
  const { app, meeting, host, ana, ben, outsider } = await room(t);
  const sent = await say(ana, meeting, '  Hello <b>all</b> https://example.org  ');
  t.match(sent, {
    text: 'Hello <b>all</b> https://example.org',
    from: { participantId: ana.id, displayName: 'Ana' },
    audience: 'everyone',
    to: null,
    editedAt: null,
    deleted: false,
  });
  await say(host, meeting, 'Welcome');
  for (const { person } of [host, ana, ben]) {
    await person.until(() => messagesOf(person).length === 2, 'both messages');
    t.same(messagesOf(person)[0], sent);
    t.same(
      messagesOf(person).map(({ text }) => text),
      [sent.text, 'Welcome'],
    );
  }
  for (const who of [host, ana, ben]) t.same(await listed(who, meeting), ['Welcome', sent.text], 'history survives a reload');
  await hearsNothing(t, outsider);
  await t.rejects(outsider.call('listMessages', { params: { id: meeting.id }, query: {} }), { code: 'NOT_FOUND' });
  await t.rejects(say({ person: outsider, id: '' }, meeting, 'x'), { code: 'NOT_FOUND' });
  t.match(await audited(app, meeting.id), { 'chat.send': 2 });
});

t.test('CH2 what is written to the hosts is heard by those who moderate and by its writer alone', async (t) => {
  const { meeting, host, ana, ben, outsider } = await room(t);
  await say(ana, meeting, 'May I ask something?', 'hosts');
  await host.person.hears('chat.message');
  await ana.person.hears('chat.message');
  await settled(ben.person);
  t.same(messagesOf(ben.person), []);
  t.same(await listed(ben, meeting), []);
  t.same(await listed(host, meeting), ['May I ask something?']);
  t.same(await listed(ana, meeting), ['May I ask something?']);
  await t.rejects(ben.person.follow(`desk:${meeting.id}`), { code: 'NOT_ALLOWED' });
  await hearsNothing(t, outsider);
});

t.test('CH3 a private message reaches its two people, also against a hand-made follower', async (t) => {
  const { app, meeting, host, ana, ben, outsider } = await room(t);
  for (const kind of ['person', 'lobby'])
    for (const person of [ben.person, host.person, outsider])
      await t.rejects(person.follow(`${kind}:${ana.id}`), { code: 'NOT_FOUND' }, `${kind} of somebody else`);
  const { id } = await say(ana, meeting, 'Just for you', 'person', ben);
  await ben.person.hears('chat.message');
  await ana.person.hears('chat.message');
  await settled(host.person);
  t.same(messagesOf(host.person), [], 'not even the host hears it');
  t.same(await listed(host, meeting), []);
  t.same(await listed(ben, meeting), ['Just for you']);
  await t.rejects(host.person.call('deleteMessage', { params: { id: meeting.id, messageId: id } }), { code: 'NOT_FOUND' });
  await t.rejects(say(ana, meeting, 'x', 'person', ana), { code: 'INVALID_INPUT' });
  await t.rejects(say(ana, meeting, 'x', 'person'), { code: 'INVALID_INPUT' });
  await t.rejects(say(ana, meeting, 'x', 'everyone', ben), { code: 'INVALID_INPUT' });
  await ben.person.send('room.leave', {});
  await t.rejects(say(ana, meeting, 'Still there?', 'person', ben), { code: 'NOT_FOUND' });
  await hearsNothing(t, outsider);
  t.equal((await rows(app, 'select 1 from chat_message')).length, 1);
});

t.test("CH4 one edits and deletes one's own; those who moderate delete any; the text is gone for good", async (t) => {
  const { app, meeting, host, ana, ben } = await room(t);
  const { id: messageId } = await say(ana, meeting, 'Frist');
  const params = { id: meeting.id, messageId };
  await t.rejects(ben.person.call('editMessage', { params, body: { text: 'x' } }), { code: 'NOT_ALLOWED' });
  await t.rejects(host.person.call('editMessage', { params, body: { text: 'x' } }), { code: 'NOT_ALLOWED' });
  await t.rejects(ben.person.call('deleteMessage', { params }), { code: 'NOT_ALLOWED' });
  const edited = await ana.person.call('editMessage', { params, body: { text: 'First' } });
  t.match(edited, { text: 'First', deleted: false });
  t.ok(edited.editedAt);
  await host.person.call('deleteMessage', { params });
  await host.person.call('deleteMessage', { params });
  await ben.person.until(() => messagesOf(ben.person).length === 3, 'all three states');
  t.match(messagesOf(ben.person).at(-1), { id: messageId, text: '', deleted: true });
  await t.rejects(ana.person.call('editMessage', { params, body: { text: 'again' } }), { code: 'CONFLICT' });
  const own = await say(ben, meeting, 'Oops');
  await ben.person.call('deleteMessage', { params: { id: meeting.id, messageId: own.id } });
  t.same(await listed(ana, meeting), ['', '']);
  t.same(await rows(app, "select 1 from chat_message where text <> ''"), [], 'no deleted text is kept');
  t.match(await audited(app, meeting.id), { 'chat.send': 2, 'chat.edit': 1, 'chat.delete': 2 });
});

t.test('CH5 attendees write to whom the settings say, from the moment they change', async (t) => {
  const { meeting, host, ana, ben } = await room(t);
  const may = (attendeesMayChat: 'everyone' | 'hosts' | 'nobody') =>
    host.person.call('updateMeeting', { params: { id: meeting.id }, body: { settings: { attendeesMayChat } } });
  const { id: messageId } = await say(ana, meeting, 'Before');
  await may('hosts');
  await t.rejects(say(ana, meeting, 'x'), { code: 'NOT_ALLOWED' });
  await t.rejects(say(ana, meeting, 'x', 'person', ben), { code: 'NOT_ALLOWED' });
  await t.rejects(ana.person.call('editMessage', { params: { id: meeting.id, messageId }, body: { text: 'x' } }), { code: 'NOT_ALLOWED' });
  await say(ana, meeting, 'To the hosts', 'hosts');
  await may('nobody');
  await t.rejects(say(ana, meeting, 'x', 'hosts'), { code: 'NOT_ALLOWED' });
  await say(host, meeting, 'Hosts always may');
  await ana.person.call('deleteMessage', { params: { id: meeting.id, messageId } });
  await may('everyone');
  await say(ana, meeting, 'Again');
  t.same(await listed(ana, meeting), ['Again', 'Hosts always may', 'To the hosts', '']);
});

t.test('CH6 who waits, who left and who never asked writes and reads nothing', async (t) => {
  const { app, meeting, host, ana } = await room(t);
  await host.person.call('updateMeeting', { params: { id: meeting.id }, body: { requiresApproval: true } });
  const { guest, lobby } = await visitor(app, meeting, 'Wanda');
  const before = guest.heard.length;
  await say(host, meeting, 'Not for the door');
  await settled(guest);
  t.equal(guest.heard.length, before);
  await t.rejects(guest.follow(`person:${lobby.participantId}`), { code: 'NOT_FOUND' });
  for (const person of [guest, app.stranger()]) {
    await t.rejects(person.call('listMessages', { params: { id: meeting.id }, query: {} }), { code: 'NOT_FOUND' });
    await t.rejects(say({ person, id: '' }, meeting, 'x'), { code: 'NOT_FOUND' });
  }
  await t.rejects(say(host, meeting, 'x', 'person', { person: guest, id: lobby.participantId }), { code: 'NOT_FOUND' });
  await ana.person.send('room.leave', {});
  await t.rejects(say(ana, meeting, 'x'), { code: 'NOT_ADMITTED' });
});

t.test('CH7 the history comes in pages, latest first, without gaps', async (t) => {
  const { meeting, host, ana } = await room(t);
  for (let n = 1; n <= 7; n++) await say(n % 2 ? host : ana, meeting, String(n));
  const found: string[] = [];
  let after: string | undefined;
  do {
    const page = await ana.person.call('listMessages', { params: { id: meeting.id }, query: { limit: 3, ...(after ? { after } : {}) } });
    found.push(...page.items.map(({ text }) => text));
    after = page.next ?? undefined;
  } while (after);
  t.same(found, ['7', '6', '5', '4', '3', '2', '1']);
});
