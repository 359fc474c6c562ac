import t from 'tap';
import { vp8 } from '../../media/studio.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { assemble, type Cast } from '../../support/cast.ts';
import { eventually } from '../../support/eventually.ts';
import { ask, hearsNothing, open, pass, rows } from '../../support/meetings.ts';

/** What the server would have written of somebody who spoke in these seconds after nine o'clock. */
const spoke = (app: TestApp, participantId: string, ...spans: [from: number, to: number][]) =>
  Promise.all(
    spans.map(([from, to]) =>
      rows(
        app,
        `insert into speech (id, participant_id, started_at, ended_at)
         values (gen_random_uuid(), ?, timestamptz '2026-11-21 09:00Z' + ? * interval '1 s', timestamptz '2026-11-21 09:00Z' + ? * interval '1 s') returning id`,
        [participantId, from, to],
      ),
    ),
  );
/** Lets the server write what it has counted so far. */
async function written({ app, host }: Cast): Promise<void> {
  const before = host.person.signals.length;
  app.clock.advance(10_000);
  await host.person.until(
    () => host.person.signals.slice(before).some(({ name }) => name === 'room.engagement'),
    'the word of new figures',
  );
}
const ofEverybody = async ({ host, meeting }: Cast) => (await host.person.call('getEngagement', { params: { id: meeting.id } })).items;

t.test('EN4 hands, reactions and messages are counted as they happen; everybody reads of themselves, who moderates of all', async (t) => {
  const cast = await assemble(t);
  const { app, meeting, moderator, attendee, guest, presenter } = cast;
  const params = { id: meeting.id };
  const stranger = await app.account('Otto Other');
  await stranger.connect();
  for (const raised of [true, true, false, true]) await guest.person.send('hand.raise', { raised });
  for (const reaction of ['👍', '🎉', '👍'] as const) await guest.person.send('reaction.send', { reaction });
  await guest.person.call('sendMessage', { params, body: { text: 'Hello', audience: 'everyone' } });
  const { id } = await guest.person.call('sendMessage', { params, body: { text: 'Oops', audience: 'everyone' } });
  await guest.person.call('deleteMessage', { params: { ...params, messageId: id } });
  await written(cast);
  const own = await guest.person.call('getEngagement', { params });
  t.match(own, {
    tracked: true,
    items: [{ participantId: guest.participantId, hands: 2, reactions: 3, messages: 1, turns: 0, lastSpokeAt: null }],
  });
  t.equal(own.items.length, 1);
  for (const { person, participantId } of [attendee, presenter]) {
    const { items } = await person.call('getEngagement', { params });
    t.same(
      items.map((row) => row.participantId),
      [participantId],
      'of themselves alone',
    );
  }
  const all = (await moderator.person.call('getEngagement', { params })).items;
  t.equal(all.length, 6);
  t.same(
    all.find(({ participantId }) => participantId === guest.participantId),
    own.items[0],
  );
  await t.rejects(stranger.call('getEngagement', { params }), { code: 'NOT_FOUND' });
  await t.rejects(app.stranger().call('getEngagement', { params }), { code: 'NOT_FOUND' });
  await hearsNothing(t, stranger);
});

t.test('EN4 speech, talk share and score: who stays in silence has some, who takes part has more', async (t) => {
  const cast = await assemble(t);
  const { app, meeting, host, attendee, guest } = cast;
  await pass(app, 90_000);
  await spoke(app, guest.participantId, [0, 30], [31, 40], [60, 61]);
  await spoke(app, host.participantId, [40, 60]);
  await guest.person.send('reaction.send', { reaction: '👍' });
  await written(cast);
  const found = new Map((await ofEverybody(cast)).map((row) => [row.participantId, row]));
  t.match(found.get(guest.participantId), { speakingSeconds: 40, turns: 2, talkShare: 0.6667, lastSpokeAt: '2026-11-21T09:01:01Z' });
  t.match(found.get(host.participantId), { speakingSeconds: 20, turns: 1, talkShare: 0.3333 });
  const [talker, silent] = [found.get(guest.participantId)!, found.get(attendee.participantId)!];
  t.ok(silent.score > 20 && silent.score <= 30, `a silent listener: ${silent.score}`);
  t.ok(talker.score > silent.score + 20, `who takes part: ${talker.score}`);

  await host.person.call('endMeeting', { params: { id: meeting.id } });
  const settled = () =>
    rows<{ score: number }>(app, 'select participation_score as score from participant where id = ?', [guest.participantId]);
  const [{ score }] = (await eventually(async () => {
    const scores = await settled();
    return scores[0]?.score != null && scores;
  }, 'the settled score')) as [{ score: number }];
  const report = (await host.person.call('listReportPeople', { params: { id: meeting.id } })).items;
  const line = report.find(({ participantId }) => participantId === guest.participantId)!;
  t.equal(line.engagement!.score, score);
  t.same(line.engagement!.speech, [
    { from: 0, to: 30 },
    { from: 31, to: 40 },
    { from: 60, to: 61 },
  ]);
  const csv = await (await host.person.fetch(`/api/meetings/${meeting.id}/report/download?format=csv`)).text();
  t.match(csv, new RegExp(`^Gus Guest,.*,${score},40,0.6667,2,0,0,1,0\r$`, 'm'));
});

t.test('EN5 switched off, nothing is kept: what there was is deleted, what comes is not written', async (t) => {
  const cast = await assemble(t);
  const { app, meeting, host, guest } = cast;
  const params = { id: meeting.id };
  await guest.person.send('hand.raise', { raised: true });
  await spoke(app, guest.participantId, [0, 10]);
  await written(cast);
  const kept = async () => {
    const [row] = await rows<{ kept: number }>(
      app,
      'select ((select count(*) from engagement) + (select count(*) from speech))::int as kept',
    );
    return row!.kept;
  };
  t.equal(await kept(), 2);
  await guest.person.send('reaction.send', { reaction: '👍' });
  await host.person.call('updateMeeting', { params, body: { settings: { trackEngagement: false } } });
  t.equal(await kept(), 0);
  await written(cast);
  t.equal(await kept(), 0, 'what was counted before is not written after');
  t.same(await host.person.call('getEngagement', { params }), { tracked: false, items: [], next: null });
  await host.person.call('endMeeting', { params });
  const { items } = await host.person.call('listReportPeople', { params });
  t.equal(items.length, 6);
  t.ok(
    items.every(({ engagement, totalSeconds }) => engagement === null && totalSeconds > 0),
    'attendance is another matter',
  );
  t.match(await host.person.call('getReport', { params }), { tracksEngagement: false });
  t.match(await rows(app, 'select count(participation_score)::int as scores from participant'), [{ scores: 0 }]);
});

t.test('EN4 the time that a camera is on', async (t) => {
  const app = await startApp(t);
  t.setTimeout(120_000);
  for (let attempt = 1; app.app.media.health().status === 'preparing' && attempt <= 20; attempt++)
    await eventually(() => app.app.media.health().status !== 'preparing', 'the media worker').catch(() => {});
  const host = await app.account('Hanna Host');
  const meeting = await open(host, { requiresApproval: false });
  const params = { id: meeting.id };
  await ask(host, meeting, 'Hanna');
  await host.connect();
  const { rtpCapabilities } = await host.call('getMediaSetup', {});
  await host.send('room.enter', { meetingId: meeting.id, rtpCapabilities });
  const camera = (paused: boolean) => host.send('media.pause', { source: 'camera', paused });
  app.clock.advance(20_000);
  await host.send('media.produce', { source: 'camera', rtpParameters: vp8() });
  app.clock.advance(15_000);
  await camera(true);
  app.clock.advance(20_000);
  await camera(false);
  app.clock.advance(5_000);
  await host.send('room.leave', {});
  app.clock.advance(10_000);
  const counted = () => host.call('getEngagement', { params });
  await eventually(async () => (await counted()).items[0]?.cameraShare === 0.3333, 'a third of the time').catch(async (error) => {
    t.comment(JSON.stringify(await counted()));
    throw error;
  });
});
