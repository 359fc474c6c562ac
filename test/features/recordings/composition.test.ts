import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import t from 'tap';
import { findFfmpeg } from '../../../media/composer/ffmpeg.ts';
import { startApp, type TestApp } from '../../support/app.ts';
import { root } from '../../support/execute.ts';
import { eventually } from '../../support/eventually.ts';
import { runJob } from '../../support/jobs.ts';
import { audited, rows, schedule } from '../../support/meetings.ts';
import type { Person } from '../../support/person.ts';
import { recorded } from '../../support/recordings.ts';
import { freePort } from '../../support/redis.ts';
import { makeClip, playable, probe } from '../../media/clip.ts';

const scratch = mkdtempSync(path.join(os.tmpdir(), 'muster-composition-'));
t.teardown(() => rmSync(scratch, { recursive: true, force: true }));
const clip = await makeClip(scratch, 3);
const ffmpeg = findFfmpeg()!; // a test run provides it

/** Waits for as long as a composition takes on a busy machine. */
async function becomes(host: Person, id: string, status: string) {
  for (let attempt = 1; attempt < 40; attempt++) {
    const found = await eventually(async () => {
      const recording = await host.call('getRecording', { params: { id } });
      return recording.status === status && recording;
    }, status).catch(() => null);
    if (found) return found;
  }
  throw new Error(`it is ${(await host.call('getRecording', { params: { id } })).status}, never ${status}`);
}

t.test('RC15 RC19 a server killed while it composes: the next one goes on; the file is whole, the meeting has its address', async (t) => {
  t.setTimeout(220_000);
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const meeting = await schedule(host);
  const { recordingId: id, ms } = await recorded(app, meeting.id, clip, { status: 'composing', cameraOffAt: 1_000 });
  await app.stop();

  // The first piece is made; the second never ends.
  const calls = path.join(scratch, 'calls');
  const stalls = path.join(scratch, 'stalls');
  writeFileSync(stalls, `#!/bin/sh\necho $$ >> ${calls}\n[ $(wc -l < ${calls}) -lt 2 ] || exec sleep 600\nexec ${ffmpeg} "$@"\n`);
  chmodSync(stalls, 0o755);
  const child = spawn(process.execPath, ['server/main.ts'], {
    cwd: root,
    env: {
      ...{ PATH: process.env.PATH, HOME: process.env.HOME, HOST: '127.0.0.1', PORT: String(await freePort()) },
      ...{ DATABASE_URL: app.databaseUrl, DATA_DIR: app.dataDir, FFMPEG_BIN: stalls },
    },
    stdio: 'ignore',
    detached: true,
  });
  const started = () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n').length : 0);
  for (let attempt = 1; started() < 2 && attempt < 20; attempt++)
    await eventually(() => started() >= 2, 'the second piece').catch(() => {});
  process.kill(-child.pid!, 'SIGKILL');
  await once(child, 'exit');
  const work = path.join(app.dataDir, 'recordings', id, 'composing');
  const pieces = readdirSync(work).filter((name) => /^\d+-[0-9a-f]+\.mkv$/.test(name));
  t.equal(pieces.length, 1, 'what was made is there');

  const noted = path.join(scratch, 'noted');
  const notes = path.join(scratch, 'notes');
  writeFileSync(notes, `#!/bin/sh\necho "$@" >> ${noted}\nexec ${ffmpeg} "$@"\n`);
  chmodSync(notes, 0o755);
  const next = await startApp(t, { databaseUrl: app.databaseUrl, dataDir: app.dataDir, env: { FFMPEG_BIN: notes } });
  const again = next.returning(host);
  const ready = await becomes(again, id, 'ready');
  t.equal(ready.progress, 100);
  t.equal(readFileSync(noted, 'utf8').trim().split('\n').length, 4, 'two pieces, the sound and the joining: the first piece is kept');
  const film = path.join(app.dataDir, 'recordings', id, 'meeting.mp4');
  const { duration } = await probe(film);
  t.ok(Math.abs(duration - ms / 1000) < 1 && Math.abs((await playable(film)) - ms / 1000) < 1, `${duration} s of ${ms / 1000} s`);
  t.notOk(existsSync(work), 'and nothing is left over');
  t.match(await audited(next, meeting.id), { 'recording.ready': 1 });
  t.equal((await again.call('getMeeting', { params: { id: meeting.id } })).recordingUrl, `/recordings/${id}`);
});

t.test('RC6 what a dead server left of meetings that are over is finished at the next start', async (t) => {
  t.setTimeout(220_000);
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const left: { id: string; meetingId: string }[] = [];
  for (const status of ['recording', 'stopping']) {
    const meeting = await schedule(host);
    const { recordingId: id } = await recorded(app, meeting.id, clip, { status: 'ready' });
    await rows(app, 'delete from recording_file where recording_id = ?', [id]);
    await rows(app, 'update recording set status = ?, owner = gen_random_uuid() where id = ?', [status, id]);
    left.push({ id, meetingId: meeting.id });
  }
  await app.stop();
  const next = await startApp(t, { databaseUrl: app.databaseUrl, dataDir: app.dataDir });
  const again = next.returning(host);
  for (const { id, meetingId } of left) {
    const { files } = await becomes(again, id, 'ready');
    t.same(files.map(({ kind, source }) => source ?? kind).toSorted(), ['camera', 'composed', 'microphone']);
    t.match(await audited(next, meetingId), { 'recording.recover': 1, 'recording.ready': 1 });
  }
});

t.test(
  'RC16 without FFmpeg the recording fails with the line to type, and files of single people are there; later it is made',
  async (t) => {
    t.setTimeout(220_000);
    const program = path.join(scratch, 'ffmpeg-to-be');
    writeFileSync(program, '');
    const app = await startApp(t, { env: { FFMPEG_BIN: program, RECORDING_DAYS: '30' } });
    const host = await app.account('Hanna Host');
    const meeting = await schedule(host);
    const { recordingId: id, tracks } = await recorded(app, meeting.id, clip, { status: 'failed' });
    const params = { id };
    await host.call('composeRecording', { params });
    const failed = await becomes(host, id, 'failed');
    t.match(failed, { failure: 'no_ffmpeg', fix: /install ffmpeg/ });
    t.equal(failed.expiresAt, '2026-12-21T09:00:00Z', 'those files are kept for as many days as any');
    for (const file of failed.files) {
      const { url } = await host.call('linkRecordingFile', { params: { id, fileId: file.id } });
      const bytes = Buffer.from(await (await host.fetch(`${url}?download=true`)).arrayBuffer());
      t.equal(bytes.length, tracks.find(({ source }) => source === file.source)!.bytes);
      const saved = path.join(scratch, 'downloaded.webm');
      writeFileSync(saved, bytes);
      t.ok((await playable(saved)) > 2.5, `${file.source} plays`);
    }
    t.equal(failed.files.length, 2);
    t.equal((await host.call('getMeeting', { params: { id: meeting.id } })).recordingUrl, null, 'there is nothing to watch');

    rmSync(program);
    symlinkSync(ffmpeg, program);
    app.clock.jump(3600_000);
    await host.call('composeRecording', { params });
    t.match(await becomes(host, id, 'ready'), { failure: null, fix: null, expiresAt: '2026-12-21T10:00:00Z', url: `/recordings/${id}` });
    t.match(await audited(app, meeting.id), { 'recording.compose': 2, 'recording.fail': 1, 'recording.ready': 1 });
  },
);

const keptIn = (app: TestApp) => readdirSync(path.join(app.dataDir, 'recordings'));

t.test('RC14 the nightly job deletes what is over its days, its files too, and nothing else', async (t) => {
  const app = await startApp(t, { env: { RECORDING_DAYS: '30' } });
  const host = await app.account('Hanna Host');
  const meeting = await schedule(host);
  const make = async (status: 'ready' | 'failed' | 'composing', expiresAt: string | null) => {
    const { recordingId } = await recorded(app, meeting.id, clip, { status });
    await rows(app, 'update recording set expires_at = ?::timestamptz where id = ?', [expiresAt, recordingId]);
    return recordingId;
  };
  const [first, second] = [await make('ready', '2026-12-21T09:00:00Z'), await make('failed', '2026-12-21T09:00:00Z')];
  const [busy, later, forEver] = [
    await make('composing', '2026-12-21T09:00:00Z'),
    await make('ready', '2026-12-21T09:00:01Z'),
    await make('ready', null),
  ];
  await rows(app, 'update meeting set recording_url = ? where id = ?', [`/recordings/${first}`, meeting.id]);
  app.clock.jump(30 * 24 * 3600_000 - 1);
  await runJob(app, 'recordings.expire');
  await eventually(
    async () => (await rows(app, `select id from jobs.job where name = 'recordings.expire' and state = 'completed'`)).length === 1,
    'the job of a moment before',
  );
  t.equal((await host.call('listRecordings', { params: { id: meeting.id } })).items.length, 5, 'a moment before');
  app.clock.jump(1);
  await runJob(app, 'recordings.expire');
  const left = await eventually(async () => {
    const { items } = await host.call('listRecordings', { params: { id: meeting.id } });
    return items.length === 3 && items.map((recording) => recording.id);
  }, 'the end of two recordings');
  t.same(left.toSorted(), [busy, later, forEver].toSorted());
  t.same(keptIn(app).toSorted(), [busy, later, forEver].toSorted(), 'with their files');
  t.same(await rows(app, 'select id from recording_file where recording_id in (?, ?)', [first, second]), []);
  t.match(await audited(app, meeting.id), { 'recording.expire': 2 });
  t.same(
    await rows(app, `select distinct actor_type from audit where action = 'recording.expire'`),
    [{ actor_type: 'system' }],
    'nobody in person',
  );
  t.equal(
    (await host.call('getMeeting', { params: { id: meeting.id } })).recordingUrl,
    `/recordings/${forEver}`,
    'the address is that of the latest one that is left',
  );
});
