import t from 'tap';
import { newId } from '../../../server/kernel/ids.ts';
import { startApp } from '../../support/app.ts';
import { userIdOf } from '../../support/cast.ts';
import { november, plan, planEvent } from '../../support/events.ts';
import { rows, schedule } from '../../support/meetings.ts';
import { answer, askTo, linesOf, peopleAt } from '../../support/people.ts';

t.test(
  'RV1 whoever is asked sees a private event, by account or by e-mail address, until asked no more; nobody else learns of it',
  async (t) => {
    const app = await startApp(t);
    const [ann, bob, cleo] = [await app.account('Ann'), await app.account('Bob'), await app.account('Cleo', 'client')];
    const dora = await app.account('Dora', 'client');
    const event = await planEvent(ann, { title: 'Quiet talk' });
    const params = { id: event.id };
    const { id: invitationId } = await askTo(ann, event.id, cleo);
    const byMail = await ann.call('askToEvent', { params, body: { email: 'DORA@example.org', isRequired: false } });
    t.match(byMail, { name: null, email: 'dora@example.org', isRequired: false, answer: null, waiting: null });
    for (const person of [cleo, dora]) {
      t.match(await november(person), [{ title: 'Quiet talk', isMine: true, myAnswer: 'unanswered' }]);
      t.match(await person.call('getEvent', { params }), { title: 'Quiet talk', may: ['event.read'] });
    }
    t.match(await november(ann), [{ myAnswer: null }], 'who organizes it is not asked');
    t.match(await november(bob), [{ busy: true, title: '', myAnswer: null }]);
    await t.rejects(peopleAt(bob, event.id), { code: 'NOT_FOUND' });
    await t.rejects(answer(bob, event.id, 'yes'), { code: 'NOT_FOUND' }, 'one that is not asked is not told that it exists');
    await t.rejects(askTo(bob, event.id, bob), { code: 'NOT_FOUND' });
    await ann.call('withdrawFromEvent', { params: { ...params, invitationId } });
    t.same(await november(cleo), []);
    await t.rejects(cleo.call('getEvent', { params }), { code: 'NOT_FOUND' });
    await t.rejects(answer(cleo, event.id, 'yes'), { code: 'NOT_FOUND' });
  },
);

t.test('RV2 those who are asked answer for themselves and see numbers; those who organize see who said what', async (t) => {
  const app = await startApp(t);
  const [ann, bob, cleo] = [await app.account('Ann'), await app.account('Bob'), await app.account('Cleo')];
  const boss = await app.account('Boss', 'admin');
  const event = await planEvent(ann, { visibility: 'staff' });
  const params = { id: event.id };
  for (const person of [bob, cleo]) await askTo(ann, event.id, person);
  const body = { answer: 'maybe', comment: ' A little late ' } as const;
  t.match(await bob.call('answerEvent', { params, body }), { answer: 'maybe', comment: 'A little late', name: 'Bob' });
  t.match(await answer(bob, event.id, 'yes'), { answer: 'yes', comment: 'A little late' }, 'the comment stays until it is changed');
  const counts = { asked: 2, yes: 1, no: 0, maybe: 0, waiting: 0, unanswered: 1 };
  t.match(await peopleAt(ann, event.id), {
    counts,
    own: null,
    items: [{ name: 'Bob', answer: 'yes', answeredAt: String }, { name: 'Cleo' }],
  });
  t.strictSame(linesOf(await peopleAt(boss, event.id)), ['Bob yes', 'Cleo -'], 'an administrator as well, of what is not private');
  const seen = await peopleAt(cleo, event.id);
  t.match(seen, { counts, own: { name: 'Cleo', answer: null } });
  t.strictSame(seen.items, [], 'but not who');
  t.match(await november(bob), [{ myAnswer: 'yes' }]);
  const { id: invitationId } = seen.own!;
  const refused = { code: 'NOT_ALLOWED' };
  await t.rejects(askTo(cleo, event.id, boss), refused);
  await t.rejects(cleo.call('changeEventPerson', { params: { ...params, invitationId }, body: { isRequired: false } }), refused);
  await t.rejects(cleo.call('withdrawFromEvent', { params: { ...params, invitationId } }), refused);
  await t.rejects(answer(boss, event.id, 'yes'), refused, 'nobody answers who is not asked');
  t.match(await ann.call('changeEventPerson', { params: { ...params, invitationId }, body: { isRequired: false } }), {
    ...{ name: 'Cleo', isRequired: false },
  });
});

t.test(
  'RV3 nobody is asked twice, under whichever name; what is cancelled or over takes no answers; ids of other events are not found',
  async (t) => {
    const app = await startApp(t);
    const [ann, bob] = [await app.account('Ann'), await app.account('Bob')];
    const [event, other] = [await planEvent(ann), await planEvent(ann, { title: 'Other' })];
    const params = { id: event.id };
    const { id: invitationId } = await askTo(ann, event.id, bob);
    await t.rejects(askTo(ann, event.id, bob), { code: 'CONFLICT' });
    await t.rejects(ann.call('askToEvent', { params, body: { email: 'bob@example.org' } }), { code: 'CONFLICT' });
    await t.rejects(askTo(ann, event.id, ann), { code: 'CONFLICT' });
    await t.rejects(ann.call('askToEvent', { params, body: {} }), { code: 'INVALID_INPUT', errors: [{ field: '/body/email' }] });
    await t.rejects(ann.call('askToEvent', { params, body: { userId: newId() } }), { code: 'NOT_FOUND' });
    for (const wrong of [
      { id: other.id, invitationId },
      { id: event.id, invitationId: newId() },
    ]) {
      await t.rejects(ann.call('withdrawFromEvent', { params: wrong }), { code: 'NOT_FOUND' });
      await t.rejects(ann.call('changeEventPerson', { params: wrong, body: { isRequired: false } }), { code: 'NOT_FOUND' });
    }
    await ann.call('deleteEvent', { params });
    await t.rejects(answer(bob, event.id, 'yes'), { code: 'CONFLICT' });
    await t.rejects(ann.call('askToEvent', { params, body: { email: 'x@example.org' } }), { code: 'CONFLICT' });
    await askTo(ann, other.id, bob);
    app.clock.jump(3 * 3_600_000);
    await t.rejects(answer(bob, other.id, 'yes'), { code: 'CONFLICT', message: /over/ });
    t.strictSame(linesOf(await peopleAt(ann, other.id)), ['Bob -'], 'nothing of it was kept');
  },
);

t.test(
  'RV4 the invitations of a meeting are the same: asked on either page, a co-host may ask, and an answer is seen on both',
  async (t) => {
    const app = await startApp(t);
    const [hanna, cora, bob] = [await app.account('Hanna Host'), await app.account('Cora'), await app.account('Bob')];
    const { id } = await schedule(hanna);
    await hanna.call('addCoHost', { params: { id }, body: { userId: await userIdOf(cora) } });
    await hanna.call('inviteToMeeting', { params: { id }, body: { userId: await userIdOf(bob) } });
    await t.rejects(askTo(cora, id, bob), { code: 'CONFLICT' });
    await cora.call('askToEvent', { params: { id }, body: { email: 'eve@example.org' } });
    await answer(bob, id, 'no');
    const { items } = await hanna.call('listMeetingInvitations', { params: { id } });
    t.match(items, [
      { email: 'eve@example.org', answer: 'unanswered' },
      { name: 'Bob', answer: 'no' },
    ]);
    t.strictSame(linesOf(await peopleAt(cora, id)), ['Bob no', 'eve@example.org -']);
    await hanna.call('withdrawMeetingInvitation', { params: { id, invitationId: items[0]!.id } });
    t.strictSame(linesOf(await peopleAt(hanna, id)), ['Bob no']);
    const trail = await rows<{ action: string; details: object }>(
      app,
      `select action, details from audit where scope = ? and action like 'invitation.%' order by seq`,
      [id],
    );
    t.strictSame(
      trail.map(({ action }) => action),
      ['invitation.add', 'invitation.add', 'invitation.answer', 'invitation.withdraw'],
      'in the log of the meeting',
    );
    t.strictSame(trail[2]!.details, { answer: 'no' }, 'without the comment');
  },
);

t.test('RV5 whoever said no is not busy, and everybody else who is asked is', async (t) => {
  const app = await startApp(t);
  const [ann, bob] = [await app.account('Ann'), await app.account('Bob')];
  const event = await planEvent(ann);
  await askTo(ann, event.id, bob);
  const carl = await app.account('Carl');
  const { title: _, ...times } = plan();
  const busy = async () => (await carl.call('findConflicts', { body: { ...times, userIds: [await userIdOf(bob)] } })).conflicts;
  t.match(await busy(), [{ name: 'Bob', title: null }], 'without a title, as it is private');
  for (const said of ['maybe', 'yes'] as const) {
    await answer(bob, event.id, said);
    t.equal((await busy()).length, 1, said);
  }
  await answer(bob, event.id, 'no');
  t.strictSame(await busy(), []);
  t.match(await november(bob), [{ myAnswer: 'no', title: 'Team lunch' }], 'and still sees it, to think again');
});

t.test('RV6 of a series each occurrence has its own answers; asked or answered for all, those made later have them, too', async (t) => {
  const app = await startApp(t);
  const [ann, bob, cleo] = [await app.account('Ann'), await app.account('Bob'), await app.account('Cleo')];
  const first = await planEvent(ann, { recurrence: { rule: 'FREQ=WEEKLY' } });
  const { items } = await ann.call('listOccurrences', { params: { id: first.id }, query: { limit: 4 } });
  const [one, two, three] = items.map(({ id }) => id) as [string, string, string];
  await askTo(ann, one, bob, 'all');
  await askTo(ann, two, cleo);
  t.same((await peopleAt(ann, one)).counts.asked, 1);
  t.strictSame(linesOf(await peopleAt(ann, two)), ['Bob -', 'Cleo -']);
  await answer(bob, one, 'no');
  t.strictSame(linesOf(await peopleAt(ann, two)), ['Bob -', 'Cleo -'], 'this one alone');
  await answer(bob, two, 'yes', 'following');
  t.strictSame(linesOf(await peopleAt(ann, one)), ['Bob no'], 'not what was before');
  t.strictSame(linesOf(await peopleAt(ann, three)), ['Bob yes']);

  const query = { from: '2028-07-01T00:00:00Z', to: '2028-07-08T00:00:00Z' };
  const [beyond] = (await bob.call('getCalendar', { query })).items;
  t.match(beyond, { title: 'Team lunch', myAnswer: 'yes', id: /_/ });
  t.same((await cleo.call('getCalendar', { query: { ...query, busy: false } })).items, [], 'Cleo was asked to one of them alone');
  t.match(await peopleAt(bob, beyond!.id), { own: { answer: 'yes' }, counts: { asked: 1 } });
  await answer(bob, beyond!.id, 'maybe');
  const [made] = (await bob.call('getCalendar', { query })).items;
  t.match(made, { myAnswer: 'maybe', id: /^[^_]+$/ }, 'it is a row now');

  const { id: invitationId } = (await peopleAt(ann, two)).items[0]!;
  await ann.call('withdrawFromEvent', { params: { id: two, invitationId }, query: { scope: 'following' } });
  t.strictSame(linesOf(await peopleAt(ann, two)), ['Cleo -']);
  t.strictSame(linesOf(await peopleAt(ann, three)), []);
  t.strictSame(linesOf(await peopleAt(ann, one)), ['Bob no']);
});

t.test('RV7 who organizes it and who is asked hear of each answer, and of being asked or asked no more', async (t) => {
  const app = await startApp(t);
  const [ann, cleo] = [await app.account('Ann'), await app.account('Cleo', 'client')];
  const event = await planEvent(ann);
  const cleoId = await userIdOf(cleo);
  await Promise.all([ann.connect(), cleo.connect()]);
  await ann.follow('calendar:staff');
  await cleo.follow(`user:${cleoId}`);
  const heard = { data: { items: [{ eventId: event.id }] } };
  const { id: invitationId } = await askTo(ann, event.id, cleo);
  t.match(await cleo.hears('calendar.changed'), heard, 'asked');
  await ann.hears('calendar.changed');
  ann.heard.length = 0;
  await answer(cleo, event.id, 'yes');
  t.match(await ann.hears('calendar.changed'), { data: { ...heard.data, by: cleoId } }, 'answered');
  await cleo.hears('calendar.changed');
  cleo.heard.length = 0;
  await ann.call('withdrawFromEvent', { params: { id: event.id, invitationId } });
  t.match(await cleo.hears('calendar.changed'), heard, 'asked no more');
});
