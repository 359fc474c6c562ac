/** The file to watch cannot be made at first; once the server can, it is made on request, and the page says how far it is. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import t from 'tap';
import { openCrowd } from './support/browser.ts';
import { within } from './support/pace.ts';
import { startServer } from './support/server.ts';
import { shot } from './support/shots.ts';
import { createMeeting, endForAll, firstSignIn, record, startMeeting } from './support/steps.ts';
import { story } from './support/story.ts';

const folder = await mkdtemp(path.join(os.tmpdir(), 'muster-ffmpeg-'));
t.teardown(() => rm(folder, { recursive: true }));
const ffmpeg = path.join(folder, 'ffmpeg');
const server = await startServer(t, { env: { FFMPEG_BIN: ffmpeg } });
const crowd = await openCrowd(t, server);
const host = await crowd.visitor();
const step = story(t, crowd);
const progress = host.page.locator('progress');

step('a meeting is recorded on a server without FFmpeg', async () => {
  await firstSignIn(host, server);
  const link = await createMeeting(host, { title: 'Alone', waitingRoom: false });
  await startMeeting(host, link);
  await record(host, 'Start recording');
  await host.sees(host.page.getByRole('status', { name: 'Recording' }).getByText('Recording', { exact: true }));
  await host.page.waitForTimeout(3_000); // what is recorded
  await record(host, 'Stop recording');
  await host.sees('The recording has ended.');
  await endForAll(host);
});

step('its page says what is missing, and what to type', async () => {
  await host.open('/meetings?view=mine');
  await host.page.getByRole('link', { name: 'Alone' }).first().click();
  await host.page.getByRole('link', { name: 'Open Alone' }).click();
  await host.sees(host.page.getByRole('alert').getByText(/^FFmpeg is missing on the server/), within(15_000));
  await host.sees(host.page.getByRole('alert').getByText(/install ffmpeg$/));
  await host.sees(host.button(/^Download .*, camera$/));
  await shot(host.page, 'recording-without-ffmpeg');
});

step('with FFmpeg the file is made again: how far it is moves by itself, until it plays', async (t) => {
  // The real one, slowed down: of a few seconds a file is made too soon for an eye.
  await writeFile(ffmpeg, '#!/bin/sh\nsleep 4\nexec ffmpeg "$@"\n');
  await chmod(ffmpeg, 0o755);
  await host.button('Make the file again').click();
  await host.sees('The file to watch is being made: 0 %. This page changes by itself.');
  await host.sees(/^The file to watch is being made: 9\d %/, within(30_000));
  t.ok(Number(await progress.getAttribute('value')) >= 90);
  await shot(host.page, 'recording-being-made');
  await host.sees(host.page.getByLabel('Recording of the meeting'), within(30_000));
  t.equal(await progress.count(), 0);
});

t.test('nothing went wrong', async (t) => {
  await crowd.close(t);
  t.same(server.takeTrouble(), []);
});
