import t from 'tap';
import { RTP_CAPABILITIES } from '../../../media/codecs.ts';
import type { MayProduce } from '../../../server/contract/media.ts';
import { assemble, type Cast } from '../../support/cast.ts';
import { eventually } from '../../support/eventually.ts';
import { audited, hearsNothing } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';
import { mediaReady, produce, send } from '../../support/sending.ts';

const state = ({ app, meeting }: Cast, { participantId }: { participantId: string }) => app.app.media.states(meeting.id)[participantId];
const at = ({ meeting }: Cast, { participantId }: { participantId: string }) => ({ id: meeting.id, participantId });
const signalsOf = (person: Person, name: string) => person.signals.filter((signal) => signal.name === name).map(({ data }) => data);

t.test('MO9 who moderates stops a share: it is over for everybody, with its sound, and its owner hears by whom', async (t) => {
  const cast = await assemble(t);
  const { app, meeting, host, moderator, presenter, attendee, guest } = cast;
  const stranger = await app.account('Sam Stranger');
  await stranger.connect();
  await mediaReady(app);
  for (const who of [host, moderator]) await send(who.person, meeting.id);
  for (const who of [presenter, guest]) await send(who.person, meeting.id, 'camera', 'screen', 'screenAudio');
  t.match(state(cast, presenter), { camera: 'on', screen: 'on', screenAudio: 'on' }, 'two people may share at once');
  await host.person.until(() =>
    signalsOf(host.person, 'media.consumer').some((one) => (one as { source: string }).source === 'screenAudio'),
  );

  await moderator.person.call('muteParticipant', { params: at(cast, presenter), body: { source: 'screen' } });
  const said = { participantId: presenter.participantId, source: 'screen', mayResume: true, by: 'Mo Moderator' };
  for (const { person } of [presenter, guest, host]) t.match(await person.hears('participant.muted'), { data: said });
  await eventually(() => state(cast, presenter)?.screen === 'off' && state(cast, presenter)?.screenAudio === 'off', 'the end of the share');
  t.equal(state(cast, presenter)?.camera, 'on', 'nothing else stops');
  t.equal(state(cast, guest)?.screen, 'on', 'and nobody else');
  await presenter.person.until(() => signalsOf(presenter.person, 'media.stopped').length === 2);
  t.same(
    new Set(signalsOf(presenter.person, 'media.stopped').map((one) => (one as { source: string }).source)),
    new Set(['screen', 'screenAudio']),
  );
  await eventually(() => produce(presenter.person, 'screen').then(Boolean, () => false), 'sharing again, by themselves');

  await moderator.person.call('muteParticipant', { params: at(cast, guest), body: { source: 'screen', mayResume: false } });
  await eventually(() => state(cast, guest)?.screen === 'off', 'the end of the other share');
  for (const source of ['screen', 'screenAudio'] as const)
    await t.rejects(produce(guest.person, source), { code: 'NOT_ALLOWED' }, `a disobedient client sends its ${source} all the same`);
  t.equal(state(cast, guest)?.screen, 'off');
  await t.rejects(presenter.person.call('muteParticipant', { params: at(cast, guest), body: { source: 'screen' } }), {
    code: 'NOT_ALLOWED',
  });
  await t.rejects(moderator.person.call('muteParticipant', { params: at(cast, host), body: { source: 'screen' } }), {
    code: 'NOT_ALLOWED',
  });
  await moderator.person.call('askToUnmute', { params: at(cast, guest), body: { source: 'screen' } });
  t.match(await guest.person.signalled('room.asked'), { data: { source: 'screen', by: 'Mo Moderator' } });
  await guest.person.until(() => (signalsOf(guest.person, 'room.rights').at(-1) as { may: MayProduce }).may.screen);
  await produce(guest.person, 'screen');
  t.equal(state(cast, guest)?.screen, 'on', 'asked to, they share again');
  t.match(await audited(app, meeting.id), {
    ...{ 'participant.mute': 2, 'participant.ask': 1, 'refused.media.produce': 2, 'refused.muteParticipant': 2 },
  });
  t.equal(state(cast, attendee), undefined, 'who has no media is not touched');
  await hearsNothing(t, stranger);
});

t.test('MO10 attendees share where the settings let them, everybody above always; taking it away ends their shares', async (t) => {
  const cast = await assemble(t);
  const { app, meeting, host, presenter, attendee } = cast;
  await mediaReady(app);
  for (const who of [host, presenter, attendee]) await send(who.person, meeting.id, 'screen');
  await host.person.call('updateMeeting', { params: { id: meeting.id }, body: { settings: { attendeesMayShare: false } } });
  await eventually(() => state(cast, attendee)?.screen === 'off', 'the end of the share');
  for (const who of [host, presenter]) t.equal(state(cast, who)?.screen, 'on');
  await t.rejects(produce(attendee.person, 'screen'), { code: 'NOT_ALLOWED' });
  await host.person.call('changeParticipant', { params: at(cast, attendee), body: { role: 'presenter' } });
  await eventually(() => produce(attendee.person, 'screen').then(Boolean, () => false), 'the right of a presenter');
  await host.person.call('changeParticipant', { params: at(cast, attendee), body: { role: 'attendee' } });
  await eventually(() => state(cast, attendee)?.screen === 'off', 'a demotion ends it at once');
  const late = app.returning(host.person);
  await late.connect();
  const entered = await late.send('room.enter', { meetingId: meeting.id, rtpCapabilities: RTP_CAPABILITIES });
  t.match(
    entered.media?.consumers.map(({ participantId, source }) => `${participantId} ${source}`),
    [`${presenter.participantId} screen`],
    'who enters late sees it',
  );
});
