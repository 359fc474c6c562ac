import t from 'tap';
import { assemble, type Cast } from '../../support/cast.ts';
import { audited, hearsNothing, rows, settled } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';

const params = ({ meeting }: Cast, { participantId }: { participantId: string }) => ({ id: meeting.id, participantId });
const light = (cast: Cast, by: Person, whom: { participantId: string }, on = true) =>
  by.call('setSpotlight', { params: params(cast, whom), body: { on } });
const lit = ({ app, meeting }: Cast) =>
  rows<{ id: string }>(app, 'select id from participant where event_id = ? and spotlit', [meeting.id]).then((found) =>
    found.map(({ id }) => id),
  );

t.test('SP1 the spotlight is seen by everybody, is on one person at most, and goes to the next', async (t) => {
  const cast = await assemble(t);
  const { app, meeting, host, presenter, attendee, guest } = cast;
  const stranger = await app.account('Sam Stranger');
  await stranger.connect();
  t.match(await light(cast, host.person, attendee), { id: attendee.participantId, spotlit: true });
  for (const { person } of [guest, presenter])
    t.match(await person.until(() => person.heard.find(({ data }) => JSON.stringify(data).includes('"spotlit":true')), 'the light'), {
      data: { participant: { id: attendee.participantId } },
    });
  await light(cast, host.person, attendee);
  t.match(await light(cast, presenter.person, guest), { spotlit: true }, 'a presenter may, and also about a guest');
  t.same(await lit(cast), [guest.participantId]);
  const late = app.returning(host.person);
  await late.connect();
  const { snapshot } = (await late.follow(`meeting:${meeting.id}`)) as { snapshot: { participants: { id: string; spotlit: boolean }[] } };
  t.same(
    snapshot.participants.filter(({ spotlit }) => spotlit).map(({ id }) => id),
    [guest.participantId],
    'who comes later sees the same',
  );
  t.match(await audited(app, meeting.id), { 'spotlight.on': 2 }, 'the same again is no change');
  await hearsNothing(t, stranger);
});

t.test('SP2 two who choose at once: one wins, both screens agree', async (t) => {
  const cast = await assemble(t);
  const { host, coHost, moderator, attendee, guest } = cast;
  await Promise.all([light(cast, host.person, attendee), light(cast, coHost.person, guest), light(cast, moderator.person, attendee)]);
  const [winner] = await lit(cast);
  const last = (person: Person) => {
    const known = new Map<string, boolean>();
    for (const { name, data } of person.heard)
      if (name === 'participant.changed') {
        const { participant } = data as { participant: { id: string; spotlit: boolean } };
        known.set(participant.id, participant.spotlit);
      }
    return [...known].filter(([, spotlit]) => spotlit).map(([id]) => id);
  };
  for (const { person } of [host, guest]) {
    await settled(person);
    t.same(last(person), [winner]);
  }
});

t.test('SP3 it goes out by itself when its person leaves, and is not for whoever is outside', async (t) => {
  const cast = await assemble(t);
  const { host, attendee, guest } = cast;
  await light(cast, host.person, guest);
  await guest.person.send('room.leave', {});
  t.same(await lit(cast), []);
  await t.rejects(light(cast, host.person, guest), { code: 'CONFLICT' });
  t.match(await light(cast, host.person, guest, false), { spotlit: false }, 'what is off already is no error');
  await t.rejects(light(cast, attendee.person, host), { code: 'NOT_ALLOWED' });
  await t.rejects(light(cast, cast.app.stranger(), host), { code: 'NOT_FOUND' });
  t.match(await audited(cast.app, cast.meeting.id), { 'refused.setSpotlight': 1 });
});
