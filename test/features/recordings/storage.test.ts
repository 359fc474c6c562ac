import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import t from 'tap';
import { S3Store } from '../../../server/features/recordings/storage/service.ts';
import { startApp } from '../../support/app.ts';
import { eventually } from '../../support/eventually.ts';
import { root } from '../../support/execute.ts';
import { schedule } from '../../support/meetings.ts';
import { FILM, kept } from '../../support/recordings.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'muster-s3-'));
const probe = net.createServer().listen(0, '127.0.0.1');
await once(probe, 'listening');
const { port } = probe.address() as net.AddressInfo; // it listens on a port
probe.close();
const program = path.join(root, 'node_modules/s3rver/bin/s3rver.js');
const args = ['-d', path.join(folder, 'bucket'), '-a', '127.0.0.1', '-p', String(port), '-s', '--configure-bucket', 'muster'];
const bucket = spawn(process.execPath, [program, ...args], { stdio: 'ignore' });
t.teardown(() => {
  bucket.kill();
  rmSync(folder, { recursive: true, force: true });
});
const endpoint = `http://127.0.0.1:${port}`;
await eventually(
  () =>
    fetch(endpoint).then(
      () => true,
      () => false,
    ),
  'the S3 server',
);
const options = { endpoint, region: 'us-east-1', bucket: 'muster', accessKey: 'S3RVER', secretKey: 'S3RVER' };

const all = async (stream: Promise<Readable>): Promise<Buffer> => buffer(await stream);

t.test('RC13 a complete recording goes into the bucket, large files in parts, and is read from there, whole and in ranges', async (t) => {
  const store = new S3Store(path.join(folder, 'local'), options);
  const large = Buffer.alloc(70 * 1024 * 1024, 7);
  large.write('in the second part', 40 * 1024 * 1024);
  mkdirSync(store.folder('one'), { recursive: true });
  writeFileSync(path.join(store.folder('one'), 'meeting.mp4'), large);
  writeFileSync(path.join(store.folder('one'), 'microphone.webm'), 'small');
  t.equal((await all(store.read('one', 'microphone.webm', null))).toString(), 'small', 'from the folder, as long as it is there');
  await store.keep('one', ['meeting.mp4', 'microphone.webm']);
  await store.keep('one', ['meeting.mp4', 'microphone.webm']);
  t.ok(existsSync(store.folder('one')), 'a server that is killed now begins again with what is in the folder');
  await store.release('one');
  t.notOk(existsSync(store.folder('one')), 'nothing is left in the folder');
  t.ok(large.equals(await all(store.read('one', 'meeting.mp4', null))));
  const at = 40 * 1024 * 1024;
  t.equal((await all(store.read('one', 'meeting.mp4', { first: at, last: at + 17 }))).toString(), 'in the second part');
  await store.remove('one');
  await t.rejects(store.read('one', 'microphone.webm', null), { code: 'NOT_FOUND' });
  await store.remove('one');
});

t.test('RC14 what is in the bucket is served as what is in the folder; after its days it is deleted', async (t) => {
  const env = { S3_ENDPOINT: endpoint, S3_BUCKET: 'muster', S3_ACCESS_KEY: 'S3RVER', S3_SECRET_KEY: 'S3RVER', RECORDING_DAYS: '30' };
  const app = await startApp(t, { env });
  const host = await app.account('Hanna Host');
  const meeting = await schedule(host);
  const { recordingId: id, fileId } = await kept(app, meeting.id);
  const store = new S3Store(path.join(app.dataDir, 'recordings'), options);
  await store.keep(id, ['meeting.mp4', 'microphone-1.webm']);
  await store.release(id);
  const { url } = await host.call('linkRecordingFile', { params: { id, fileId } });
  const part = await host.fetch(url, { headers: { range: 'bytes=100-199' } });
  t.equal(part.status, 206);
  t.ok(FILM.subarray(100, 200).equals(Buffer.from(await part.arrayBuffer())));
  await host.call('deleteRecording', { params: { id } });
  await t.rejects(store.read(id, 'meeting.mp4', null), { code: 'NOT_FOUND' });
});
