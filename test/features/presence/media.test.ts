import t, { type Test } from 'tap';
import { opus, vp8 } from '../../media/studio.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { eventually } from '../../support/eventually.ts';
import { ask, enter, hearsNothing, open, settled, visitor } from '../../support/meetings.ts';
import { type ConsumerDescription, NOTHING_SENT } from '../../../server/contract/media.ts';
import type { Meeting } from '../../../server/contract/meetings.ts';
import type { Entered } from '../../../server/contract/presence.ts';
import type { SignalName } from '../../../server/contract/events.ts';
import type { Person } from '../../support/person.ts';

/** Starting the real worker takes longer than what `eventually` waits for otherwise, on a busy machine. */
async function withMedia(t: Test): Promise<TestApp> {
  const app = await startApp(t);
  for (let attempt = 1; app.app.media.health().status === 'preparing' && attempt <= 20; attempt++)
    await eventually(() => app.app.media.health().status !== 'preparing', 'the media worker').catch(() => {});
  t.strictSame(app.app.media.health(), { status: 'up' }, 'the media worker is there');
  return app;
}
/** Enters with a browser that can send and receive. */
async function tuneIn(person: Person, meeting: Meeting, seat?: string): Promise<Entered> {
  const { rtpCapabilities } = await person.call('getMediaSetup', {});
  return person.send('room.enter', { meetingId: meeting.id, rtpCapabilities, ...(seat === undefined ? {} : { seat }) });
}
const speak = (person: Person) => person.send('media.produce', { source: 'microphone', rtpParameters: opus() });
const show = (person: Person) => person.send('media.produce', { source: 'camera', rtpParameters: vp8() });
const signals = (person: Person, name: SignalName) => person.signals.filter((signal) => signal.name === name).map(({ data }) => data);

/** Host and guest in the room with media, somebody at the door, and somebody with an account who has no part in it. */
async function studio(t: Test) {
  const app = await withMedia(t);
  const [host, other] = [await app.account('Hanna Host'), await app.account('Otto Other')];
  const meeting = await open(host);
  const { guest, lobby } = await visitor(app, meeting, 'Gus');
  await host.call('approveParticipant', { params: { id: meeting.id, participantId: lobby.participantId } });
  const { guest: waiting } = await visitor(app, meeting, 'Wanda');
  await ask(host, meeting, 'Hanna');
  await host.connect();
  await other.connect();
  const hostEntered = await tuneIn(host, meeting);
  const guestEntered = await tuneIn(guest, meeting);
  return { app, host, guest, waiting, other, meeting, guestId: lobby.participantId, hostEntered, guestEntered };
}

t.test('what somebody sends is offered to the others in the room, and nobody else hears of it', async (t) => {
  const { app, host, guest, waiting, other, guestId, meeting } = await studio(t);
  await speak(guest);
  const { data } = await host.signalled('media.consumer');
  t.match(data, { participantId: guestId, source: 'microphone' });
  await host.signalled('room.media');
  t.same(signals(host, 'room.media').at(-1), { participantId: guestId, state: { ...NOTHING_SENT, microphone: 'on' } });
  await guest.send('media.pause', { source: 'microphone', paused: true });
  await host.until(() => JSON.stringify(signals(host, 'room.media').at(-1)).includes('"paused"'), 'muted');
  t.strictSame(app.app.media.states(meeting.id)[guestId], { ...NOTHING_SENT, microphone: 'paused' });
  t.strictSame(signals(guest, 'media.consumer'), [], 'nobody is offered their own');
  await hearsNothing(t, other);
  await settled(waiting);
  t.notOk(
    waiting.signals.some(({ name }) => name.startsWith('media.') || name.startsWith('room.')),
    'nor at the door',
  );
});

t.test('taking the right to speak stops whoever speaks at once, and refuses it from then on', async (t) => {
  const { host, guest, other, meeting, guestId } = await studio(t);
  const settings = (attendeesMaySpeak: boolean) =>
    host.call('updateMeeting', { params: { id: meeting.id }, body: { settings: { attendeesMaySpeak } } });
  await speak(guest);
  await show(guest);
  await speak(host);
  await settings(false);
  t.same((await guest.signalled('media.stopped')).data, { source: 'microphone' });
  await host.until(
    () =>
      JSON.stringify(signals(host, 'room.media').at(-1)) ===
      JSON.stringify({ participantId: guestId, state: { ...NOTHING_SENT, microphone: 'paused', camera: 'on' } }),
  );
  await t.rejects(speak(guest), { code: 'NOT_ALLOWED' });
  await t.rejects(guest.send('media.pause', { source: 'microphone', paused: false }), { code: 'NOT_ALLOWED' }, 'unmuting');
  await t.resolves(show(guest), 'the camera is another matter');
  await t.resolves(speak(host), 'and the host may always');
  t.strictSame(signals(host, 'media.stopped'), []);
  await settings(true);
  await eventually(
    () =>
      guest.send('media.pause', { source: 'microphone', paused: false }).then(
        () => true,
        () => false,
      ),
    'the right to speak again',
  );
  await hearsNothing(t, other);
});

t.test('who enters while speaking is forbidden cannot speak', async (t) => {
  const app = await withMedia(t);
  const host = await app.account('Hanna Host');
  const settings = { attendeesMaySpeak: false, attendeesMayShowCamera: false };
  const meeting = await open(host, { requiresApproval: false, settings });
  const guest = app.stranger();
  await enter(guest, meeting, 'Gus');
  await tuneIn(guest, meeting);
  await t.rejects(speak(guest), { code: 'NOT_ALLOWED' });
  await t.rejects(show(guest), { code: 'NOT_ALLOWED' });
  t.strictSame(
    app.app.media.states(meeting.id)[(await guest.call('getDoor', { params: { joinCode: meeting.joinCode } })).you!.participantId],
    NOTHING_SENT,
  );
});

t.test('commands of one meeting cannot touch what belongs to another person or meeting', async (t) => {
  const { app, host, guest, hostEntered } = await studio(t);
  const stranger = await app.account('Ida Intruder');
  const second = await open(stranger, { requiresApproval: false });
  await ask(stranger, second, 'Ida');
  await stranger.connect();
  await tuneIn(stranger, second);
  await speak(guest);
  const { id: consumerId } = (await host.signalled('media.consumer')).data as ConsumerDescription; // by the contract of that signal
  const transportId = hostEntered.media!.send.id;
  const dtlsParameters = { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: 'AA' }] };
  for (const [who, person] of [
    ['another meeting', stranger],
    ['another person of this one', guest],
  ] as const) {
    await t.rejects(person.send('media.connect', { transportId, dtlsParameters }), { code: 'NOT_FOUND' }, who);
    await t.rejects(person.send('media.restartIce', { transportId }), { code: 'NOT_FOUND' }, who);
    await t.rejects(person.send('media.consume', { consumerIds: [consumerId], paused: false }), { code: 'NOT_FOUND' }, who);
    await t.rejects(person.send('media.layers', { consumerId, spatialLayer: 0 }), { code: 'NOT_FOUND' }, who);
  }
  await t.resolves(host.send('media.consume', { consumerIds: [consumerId], paused: false }), 'its owner may');
  await t.resolves(host.send('media.restartIce', { transportId }));
  await settled(stranger);
  t.strictSame(
    stranger.signals.filter(({ name }) => name !== 'heads'),
    [],
    'and nothing of it was heard there',
  );
});

t.test('a drop keeps the media for 30 s; coming back with the seat resumes it', async (t) => {
  const { app, host, guest, guestId, guestEntered, meeting } = await studio(t);
  await speak(guest);
  await host.signalled('media.consumer');
  await app.drop(guest);
  app.clock.advance(29_000);
  const back = app.returning(guest);
  await back.connect();
  t.match(await tuneIn(back, meeting, guestEntered.seat), { resumed: true, media: null, seat: guestEntered.seat });
  t.match(await tuneIn(back, meeting, 'not the seat'), { resumed: false, media: { send: {}, receive: {} } }, 'only with the right seat');
  await host.signalled('media.consumerClosed');
  await speak(back);
  await app.drop(back);
  app.clock.advance(30_000);
  await eventually(() => !(guestId in app.app.media.states(meeting.id)), 'the end of the media');
});

t.test('ending for all ends all media', async (t) => {
  const { app, host, guest, meeting } = await studio(t);
  await speak(guest);
  await host.signalled('media.consumer');
  await host.call('endMeeting', { params: { id: meeting.id } });
  await eventually(() => Object.keys(app.app.media.states(meeting.id)).length === 0, 'an empty room');
  for (const person of [host, guest]) await t.rejects(speak(person), { code: 'NOT_ADMITTED' });
});
