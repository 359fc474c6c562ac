import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { readJournal } from '../../../media/recorder/journal.ts';
import { type RoomRecording, recordingOperations } from '../../../server/contract/recordings.ts';
import { startApp } from '../../support/app.ts';
import { assemble, type Cast } from '../../support/cast.ts';
import { eventually } from '../../support/eventually.ts';
import { ask, audited, enter, hearsNothing, open, rows, schedule } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';
import { asOwner } from '../../support/postgres.ts';
import { kept } from '../../support/recordings.ts';
import { mediaReady, send } from '../../support/sending.ts';

const told = (person: Person): RoomRecording[] =>
  person.heard.flatMap(({ name, data }) => (name === 'recording.changed' ? [(data as { recording: RoomRecording }).recording] : []));
const becomes = (person: Person, status: RoomRecording['status']): Promise<RoomRecording> =>
  person.until(() => told(person).find((recording) => recording.status === status), `recording ${status}`);
const statusOf = async ({ host, meeting }: Cast): Promise<string | undefined> =>
  (await host.person.call('listRecordings', { params: { id: meeting.id } })).items[0]?.status;

t.test('RC1 a host starts, pauses, resumes and stops; everybody in the room hears each step, a stranger nothing', async (t) => {
  const cast = await assemble(t);
  const { app, meeting, host, coHost, attendee, guest } = cast;
  await mediaReady(app);
  await send(host.person, meeting.id, 'microphone');
  const stranger = await app.account('Sid Stranger');
  await stranger.connect();
  const { id } = await host.person.call('startRecording', { params: { id: meeting.id } });
  for (const person of [coHost.person, attendee.person, guest.person]) await becomes(person, 'recording');
  t.same(
    (await becomes(attendee.person, 'recording')).agreed,
    [host.participantId],
    'whoever starts it agrees by that, and nobody else does',
  );
  await t.rejects(coHost.person.call('startRecording', { params: { id: meeting.id } }), { code: 'CONFLICT' });
  await coHost.person.call('pauseRecording', { params: { id } });
  await becomes(guest.person, 'paused');
  await coHost.person.call('pauseRecording', { params: { id } });
  await host.person.call('resumeRecording', { params: { id } });
  await guest.person.until(() => told(guest.person).at(-1)?.status === 'recording', 'recording again');
  await host.person.call('stopRecording', { params: { id } });
  await becomes(guest.person, 'stopping');
  t.equal((await becomes(guest.person, 'failed')).failure, 'nothing', 'nobody sent a single frame');
  await t.rejects(host.person.call('resumeRecording', { params: { id } }), { code: 'CONFLICT' });
  await host.person.call('startRecording', { params: { id: meeting.id } });
  await hearsNothing(t, stranger);
  const trail = await audited(app, meeting.id);
  t.match(trail, { 'recording.start': 2, 'recording.pause': 1, 'recording.resume': 1, 'recording.stop': 1, 'recording.fail': 1 });
});

t.test('RC2 of two who start at once one does; the database sees to it', async (t) => {
  const { app, meeting, host, coHost } = await assemble(t);
  await mediaReady(app);
  const start = ({ person }: { person: Person }) =>
    person.call('startRecording', { params: { id: meeting.id } }).then(
      () => 'done',
      (error) => error.code,
    );
  t.same((await Promise.all([start(host), start(coHost), start(host), start(coHost)])).toSorted(), [
    'CONFLICT',
    'CONFLICT',
    'CONFLICT',
    'done',
  ]);
  await t.rejects(
    rows(app, `insert into recording (id, meeting_id, title, status, created_at) values (gen_random_uuid(), ?, 'x', 'paused', now())`, [
      meeting.id,
    ]),
    /recording_active_unique/,
  );
});

t.test('RC3 whoever comes later agrees before they are in, and their media with them; leaving is possible without', async (t) => {
  const cast = await assemble(t);
  const { app, meeting, host, attendee } = cast;
  await mediaReady(app);
  await send(host.person, meeting.id, 'microphone');
  const { id } = await host.person.call('startRecording', { params: { id: meeting.id } });
  await becomes(host.person, 'recording');
  const late = app.stranger();
  const { participantId } = await ask(late, meeting, 'Lea Late');
  await late.connect();
  await t.rejects(late.send('room.enter', { meetingId: meeting.id }), { code: 'RECORDING_CONSENT' });
  await t.rejects(late.send('media.produce', { source: 'microphone', rtpParameters: {} }), { code: 'NOT_ADMITTED' });
  t.notOk(
    attendee.person.heard.some(({ data }) => JSON.stringify(data).includes(participantId)),
    'nobody hears of them yet',
  );
  await late.call('agreeToRecording', { params: { id } });
  await late.call('agreeToRecording', { params: { id } });
  const entered = await late.send('room.enter', { meetingId: meeting.id });
  t.equal(entered.you.id, participantId);
  const heard = await attendee.person.hears('recording.agreed');
  t.same(heard.data, { recordingId: id, participantId });
  // The one who was inside when it began is asked, and stays.
  await attendee.person.call('agreeToRecording', { params: { id } });
  const snapshot = await late.follow(`meeting:${meeting.id}`);
  t.same(
    (snapshot.snapshot as { recording: RoomRecording }).recording.agreed.toSorted(),
    [host.participantId, participantId, attendee.participantId].toSorted(),
  );
  t.equal((await audited(app, meeting.id))['recording.agree'], 2);
  const stranger = app.stranger();
  await t.rejects(stranger.call('agreeToRecording', { params: { id } }), { code: 'NOT_FOUND' });
  await host.person.call('stopRecording', { params: { id } });
  await becomes(host.person, 'failed');
  await t.rejects(late.call('agreeToRecording', { params: { id } }), { code: 'CONFLICT' });
  const after = app.stranger();
  await enter(after, meeting, 'Ada After');
});

t.test('RC3 of whoever has not agreed nothing is on the time line, and of a pause nothing of anybody', async (t) => {
  const { app, meeting, host, attendee } = await assemble(t);
  await mediaReady(app);
  await send(host.person, meeting.id, 'microphone');
  const { id } = await host.person.call('startRecording', { params: { id: meeting.id } });
  await becomes(host.person, 'recording');
  const hands = async (raised: boolean) => {
    for (const { person } of [attendee, host]) await person.send('hand.raise', { raised });
  };
  await hands(true);
  await host.person.call('pauseRecording', { params: { id } });
  await becomes(host.person, 'paused');
  await hands(false);
  await hands(true);
  await host.person.call('resumeRecording', { params: { id } });
  await host.person.until(() => told(host.person).at(-1)?.status === 'recording', 'recording again');
  await hands(false);
  await hands(true);
  await host.person.call('stopRecording', { params: { id } });
  await becomes(host.person, 'failed');
  const marks = (await readJournal(path.join(app.dataDir, 'recordings', id))).flatMap((entry) =>
    entry.event === 'mark' ? [entry.mark] : [],
  );
  t.same(marks, [
    { kind: 'hand', participantId: host.participantId },
    { kind: 'hand', participantId: host.participantId },
  ]);
});

t.test('RC4 a meeting that is to be recorded is, from its start; it ends with the meeting', async (t) => {
  const app = await startApp(t);
  await mediaReady(app);
  const host = await app.account('Hanna Host');
  const meeting = await open(host, { isRecorded: true, requiresApproval: false });
  const [recording] = (await host.call('listRecordings', { params: { id: meeting.id } })).items;
  t.equal(recording?.status, 'requested');
  await host.call('agreeToRecording', { params: { id: recording!.id } }).catch(() => {}); // not at the door yet
  await ask(host, meeting, 'Hanna Host');
  await host.call('agreeToRecording', { params: { id: recording!.id } });
  await enter(host, meeting, 'Hanna Host');
  await send(host, meeting.id, 'microphone');
  await becomes(host, 'recording');
  await host.call('endMeeting', { params: { id: meeting.id } });
  const ended = await eventually(async () => {
    const [last] = (await host.call('listRecordings', { params: { id: meeting.id } })).items;
    return last?.status === 'failed' && last;
  }, 'the end of the recording');
  t.equal(ended.failure, 'nothing');
  t.match(await audited(app, meeting.id), { 'recording.start': 1, 'recording.stop': 1 });
});

t.test('RC5 what cannot be recorded is refused: before the start, after the end, without room', async (t) => {
  const app = await startApp(t, { env: { RECORDING_QUOTA_GB: '1' } });
  const host = await app.account('Hanna Host');
  const planned = await schedule(host);
  await t.rejects(host.call('startRecording', { params: { id: planned.id } }), { code: 'MEETING_NOT_LIVE' });
  const meeting = await open(host);
  await mediaReady(app);
  await rows(
    app,
    `with made as (insert into recording (id, meeting_id, title, status, created_at) values (gen_random_uuid(), ?, 'x', 'ready', now()) returning id)
     insert into recording_file (id, recording_id, kind, name, starts_ms, duration_ms, bytes) select gen_random_uuid(), id, 'composed', 'x', 0, 0, 1000000000 from made`,
    [meeting.id],
  );
  await t.rejects(host.call('startRecording', { params: { id: meeting.id } }), { code: 'STORAGE_FULL' });
  const byItself = await open(host, { isRecorded: true });
  t.match(await host.call('listRecordings', { params: { id: byItself.id } }), { items: [{ status: 'failed', failure: 'no_room' }] });
  t.match(await audited(app, byItself.id), { 'meeting.start': 1, 'recording.fail': 1 });
  t.match(await host.call('listRecordings', { params: { id: meeting.id } }), { usedBytes: 1e9, quotaBytes: 1e9 });
});

t.test('RC6 after the server was killed a live meeting is recorded on, and an ended one is not', async (t) => {
  const cast = await assemble(t);
  const { app, meeting, host } = cast;
  await mediaReady(app);
  await send(host.person, meeting.id, 'microphone');
  await host.person.call('startRecording', { params: { id: meeting.id } });
  await becomes(host.person, 'recording');
  // What a kill leaves: a row of a process that is gone.
  await rows(app, `update recording set owner = gen_random_uuid() where meeting_id = ?`, [meeting.id]);
  const next = await startApp(t, { databaseUrl: app.databaseUrl, dataDir: app.dataDir });
  await mediaReady(next);
  t.equal(await statusOf(cast), 'requested', 'nobody records it until somebody is there');
  const again = next.returning(host.person);
  await again.connect();
  await again.follow(`meeting:${meeting.id}`);
  await send(again, meeting.id, 'microphone');
  await becomes(again, 'recording');
  t.equal((await audited(app, meeting.id))['recording.recover'], 1);
});

t.test('RC6 a server that stops as a recording begins leaves it to the next one', async (t) => {
  const { app, meeting, host } = await assemble(t);
  const owner = await asOwner(t, app.databaseUrl);
  await mediaReady(app);
  await send(host.person, meeting.id, 'microphone');
  await host.person.call('startRecording', { params: { id: meeting.id } });
  await becomes(host.person, 'recording');
  await app.stop();
  t.same((await owner.query('select status, failure from recording')).rows, [{ status: 'recording', failure: null }]);
});

t.test('RC7 where nothing can be written the recording fails with a word, and the meeting goes on', async (t) => {
  const cast = await assemble(t);
  const { app, meeting, host, attendee } = cast;
  await mediaReady(app);
  // A file where the folder should be: also root cannot write there.
  writeFileSync(path.join(app.dataDir, 'recordings'), '');
  await send(host.person, meeting.id, 'microphone');
  await host.person.call('startRecording', { params: { id: meeting.id } });
  t.equal((await becomes(attendee.person, 'failed')).failure, 'storage');
  await send(attendee.person, meeting.id, 'microphone');
  t.equal((await host.person.call('getMeeting', { params: { id: meeting.id } })).liveStatus, 'live');
});

t.test(
  'RC17 every operation that changes a recording leaves one row in the trail, with who did it; once more changes nothing',
  async (t) => {
    const { app, meeting, host, attendee } = await assemble(t);
    await mediaReady(app);
    await send(host.person, meeting.id, 'microphone');
    type Row = { action: string; actor_type: string; actor_id: string; resource_id: string };
    const trail = () =>
      rows<Row>(
        app,
        `select action, actor_type, actor_id, resource_id from audit where resource_type = 'recording' and actor_type <> 'system' order by seq`,
      );
    const walked = new Set<string>();
    let before = 0;
    const leaves = async (
      operation: keyof typeof recordingOperations,
      action: string,
      member: typeof host,
      change: () => Promise<unknown>,
    ) => {
      walked.add(operation);
      await change();
      const found = (await trail()).slice(before);
      t.match(found, [{ action, actor_type: 'user', actor_id: member.userId, resource_id: String }], operation);
      t.equal(found.length, 1, `${operation} leaves one row`);
      before += found.length;
      return found[0]!.resource_id;
    };
    const id = await leaves('startRecording', 'recording.start', host, () =>
      host.person.call('startRecording', { params: { id: meeting.id } }),
    );
    await becomes(host.person, 'recording');
    const params = { id };
    const steps = [
      ['agreeToRecording', 'recording.agree', attendee],
      ['pauseRecording', 'recording.pause', host],
      ['resumeRecording', 'recording.resume', host],
      ['stopRecording', 'recording.stop', host],
    ] as const;
    for (const [operation, action, member] of steps)
      await leaves(operation, action, member, async () => {
        await member.person.call(operation, { params });
        if (operation !== 'stopRecording') await member.person.call(operation, { params });
      });
    await becomes(host.person, 'failed');
    const { recordingId, trackId } = await kept(app, meeting.id, 'failed');
    const made = { id: recordingId };
    for (const [body, action] of [
      [{ title: 'First session' }, 'recording.rename'],
      [{ isShared: true }, 'recording.share'],
      [{ isShared: false }, 'recording.unshare'],
    ] as const)
      await leaves('updateRecording', action, host, async () => {
        await host.person.call('updateRecording', { params: made, body });
        await host.person.call('updateRecording', { params: made, body });
      });
    await host.person.call('linkRecordingFile', { params: { ...made, fileId: trackId } });
    await leaves('deleteRecording', 'recording.delete', host, () => host.person.call('deleteRecording', { params: made }));
    const again = { id: (await kept(app, meeting.id, 'failed')).recordingId };
    await leaves('composeRecording', 'recording.compose', host, () => host.person.call('composeRecording', { params: again }));
    const changing = Object.entries(recordingOperations).filter(([name, { method }]) => method !== 'GET' && name !== 'linkRecordingFile');
    t.same([...walked].toSorted(), changing.map(([name]) => name).toSorted(), 'every one of them was walked; a link changes nothing');
  },
);
