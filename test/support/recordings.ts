import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Meeting } from '../../server/features/meetings/entity.ts';
import { Recording, RecordingFile } from '../../server/features/recordings/entity.ts';
import { system } from '../../server/kernel/actor.ts';
import { newId } from '../../server/kernel/ids.ts';
import type { TestApp } from './app.ts';
import { type WrittenTrack, writeTake } from './takes.ts';

export const FILM = Buffer.from(Array.from({ length: 1_000 }, (_, index) => index % 251));
export const TRACK = Buffer.from('the track of one person');

export type Kept = { recordingId: string; fileId: string; trackId: string };

/** A recording that was made before, with bytes in its files that are no film. */
export async function kept(app: TestApp, meetingId: string, status: 'ready' | 'failed' = 'ready'): Promise<Kept> {
  const [recordingId, fileId, trackId] = [newId(), newId(), newId()];
  const folder = path.join(app.dataDir, 'recordings', recordingId);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'meeting.mp4'), FILM);
  writeFileSync(path.join(folder, 'microphone-1.webm'), TRACK);
  await app.app.database.transact(system, async ({ em, now }) => {
    const recording = em.create(Recording, {
      ...{ id: recordingId, meeting: em.getReference(Meeting, meetingId), title: 'Case consultation', status, progress: 100 },
      ...{ failure: status === 'failed' ? 'composition' : null, startedAt: now, durationMs: 60_000, createdAt: now },
      timeline: { resumedMs: [], speaking: [], marks: [], screens: [] },
    });
    const file = { recording, participant: null, startsMs: 0, durationMs: 60_000 };
    em.create(RecordingFile, {
      ...file,
      id: fileId,
      kind: 'composed',
      name: 'meeting.mp4',
      source: null,
      displayName: null,
      bytes: FILM.length,
    });
    em.create(RecordingFile, {
      ...{ ...file, id: trackId, kind: 'track', name: 'microphone-1.webm' },
      ...{ source: 'microphone', displayName: 'Ann Attendee', bytes: TRACK.length },
    });
  });
  return { recordingId, fileId, trackId };
}

type Recorded = { recordingId: string; ms: number; tracks: WrittenTrack[] };

/** A recording of one person with the clip's sound and picture in its files; from `cameraOffAt` on their camera was off for a second. */
export async function recorded(
  app: TestApp,
  meetingId: string,
  clip: string,
  { status, cameraOffAt }: { status: 'ready' | 'failed' | 'composing'; cameraOffAt?: number },
): Promise<Recorded> {
  const recordingId = newId();
  const { ms, tracks } = await writeTake(path.join(app.dataDir, 'recordings', recordingId), clip, recordingId, { offAt: cameraOffAt });
  await app.app.database.transact(system, async ({ em, now }) => {
    const recording = em.create(Recording, {
      ...{ id: recordingId, meeting: em.getReference(Meeting, meetingId), title: 'Case consultation', status, progress: 0 },
      ...{ failure: status === 'failed' ? 'composition' : null, startedAt: now, durationMs: ms, createdAt: now },
      timeline: { resumedMs: [], speaking: [], marks: [], screens: [] },
    });
    for (const { file, source, bytes } of tracks)
      em.create(RecordingFile, {
        ...{ id: newId(), recording, kind: 'track', name: file, source, participant: null, displayName: null },
        ...{ startsMs: 0, durationMs: ms, bytes },
      });
  });
  return { recordingId, ms, tracks };
}
