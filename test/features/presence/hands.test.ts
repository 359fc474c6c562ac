import t, { type Test } from 'tap';
import { REACTIONS } from '../../../server/contract/together.ts';
import type { Participant } from '../../../server/contract/meetings.ts';
import { startApp } from '../../support/app.ts';
import { audited, enter, hearsNothing, open, settled } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';

async function room(t: Test) {
  const app = await startApp(t);
  const [host, outsider] = [await app.account('Hanna Host'), await app.account('Otto Other')];
  const meeting = await open(host, { requiresApproval: false });
  const [ana, ben] = [app.stranger(), app.stranger()];
  await enter(host, meeting, 'Hanna');
  const ids = { ana: await enter(ana, meeting, 'Ana'), ben: await enter(ben, meeting, 'Ben') };
  await outsider.connect();
  return { app, host, outsider, meeting, ana, ben, ids };
}

/** Names of the raised hands in order, as a screen shows them after everything that it heard. */
function handsOn({ heard }: Person): string[] {
  const raised = new Map<string, Participant>();
  for (const { name, data } of heard) {
    // By the contract of the meeting's topic.
    if (name === 'participant.changed') {
      const { participant } = data as { participant: Participant };
      if (participant.handRaisedAt) raised.set(participant.id, participant);
      else raised.delete(participant.id);
    } else if (name === 'participant.left') raised.delete((data as { participantId: string }).participantId);
  }
  return [...raised.values()]
    .sort((a, b) => (`${a.handRaisedAt} ${a.id}` < `${b.handRaisedAt} ${b.id}` ? -1 : 1))
    .map((p) => p.displayName);
}
const changes = ({ heard }: Person) => heard.filter(({ name }) => name === 'participant.changed').length;

t.test('TO1 hands have one order, by the server, the same on every screen', async (t) => {
  const { app, host, outsider, meeting, ana, ben } = await room(t);
  await ben.send('hand.raise', { raised: true });
  app.clock.advance(1_000);
  await ana.send('hand.raise', { raised: true });
  app.clock.advance(1_000);
  await ben.send('hand.raise', { raised: true });
  for (const person of [host, ana, ben]) {
    await person.until(() => changes(person) === 2, 'two hands');
    t.same(handsOn(person), ['Ben', 'Ana'], 'raising a raised hand does not move it');
  }
  const { snapshot } = await host.follow(`meeting:${meeting.id}`);
  const { participants } = snapshot as { participants: Participant[] };
  t.same(participants.filter(({ handRaisedAt }) => handRaisedAt).length, 2, 'newcomers see them');
  await ben.send('hand.raise', { raised: false });
  await host.until(() => handsOn(host).length === 1, 'one hand');
  t.same(handsOn(host), ['Ana']);
  t.match(await audited(app, meeting.id), { 'hand.raise': 2, 'hand.lower': 1 });
  await hearsNothing(t, outsider);
});

t.test('TO2 those who moderate lower hands, one or all; attendees do not; leaving lowers', async (t) => {
  const { app, host, outsider, meeting, ana, ben, ids } = await room(t);
  const params = { id: meeting.id, participantId: ids.ana };
  for (const person of [ana, ben]) await person.send('hand.raise', { raised: true });
  await t.rejects(ben.call('lowerHand', { params }), { code: 'NOT_SIGNED_IN' });
  await t.rejects(outsider.call('lowerHand', { params }), { code: 'NOT_FOUND' });
  await t.rejects(outsider.call('lowerAllHands', { params: { id: meeting.id } }), { code: 'NOT_FOUND' });
  await enter(outsider, meeting, 'Otto');
  await t.rejects(outsider.call('lowerHand', { params }), { code: 'NOT_ALLOWED' });
  t.match(await host.call('lowerHand', { params }), { handRaisedAt: null });
  await ben.until(() => handsOn(ben).length === 1, 'one hand');
  await ana.send('hand.raise', { raised: true });
  await host.call('lowerAllHands', { params: { id: meeting.id } });
  await ben.until(() => handsOn(ben).length === 0 && changes(ben) === 6, 'no hands');
  t.match(await audited(app, meeting.id), { 'hand.raise': 3, 'hand.lower': 1, 'hand.lowerAll': 1 });
  await ana.send('hand.raise', { raised: true });
  await ana.send('room.leave', {});
  await enter(ana, meeting, 'Ana');
  const { snapshot } = await host.follow(`meeting:${meeting.id}`);
  t.ok((snapshot as { participants: Participant[] }).participants.every(({ handRaisedAt }) => handRaisedAt === null));
});

t.test('TO3 reactions reach those in the room at once, leave nothing behind, and do not hail', async (t) => {
  const { app, host, outsider, meeting, ana, ids } = await room(t);
  const rows = await audited(app, meeting.id);
  await ana.send('reaction.send', { reaction: '👏' });
  t.match(await host.signalled('room.reaction'), { data: { participantId: ids.ana, reaction: '👏' } });
  t.match(await ana.raw('reaction.send', { reaction: '<b>' }), { ok: false, error: { code: 'INVALID_INPUT' } });
  for (let sent = 1; sent < 8; sent++) await ana.send('reaction.send', { reaction: REACTIONS[sent % REACTIONS.length]! });
  await t.rejects(ana.send('reaction.send', { reaction: '👍' }), { code: 'RATE_LIMITED' });
  app.clock.advance(4_001);
  await ana.send('reaction.send', { reaction: '👍' });
  await settled(outsider);
  t.same(await audited(app, meeting.id), rows);
  await hearsNothing(t, outsider);
});
