import path from 'node:path';
import type { Source } from '../../server/contract/media.ts';
import type { RecordingMark, RecordingTake } from '../../server/contract/recordings.ts';
import { type Entry, readJournal } from '../recorder/journal.ts';
import { mendWebm } from '../recorder/webm.ts';

export type Span = { from: number; to: number };
/** `on`: when it was to be seen or heard. All times in ms since the recording began. */
export type TakeTrack = {
  file: string;
  peer: string;
  source: Source;
  kind: 'audio' | 'video';
  start: number;
  end: number;
  on: Span[];
};
export type Take = {
  length: number;
  tracks: TakeTrack[];
  /** Pauses, and what a killed recorder missed: not in the composed file. */
  cuts: Span[];
  speaking: (Span & { peer: string })[];
  marks: { at: number; mark: RecordingMark }[];
};

type OpenTrack = Omit<TrackEntry, 'event' | 'at'> & {
  first: number | undefined;
  pausedAt: number | undefined;
  off: Span[];
  end: number | undefined;
};
type TrackEntry = Extract<Entry, { event: 'track' }>;

/** What the journal tells, without looking at the files. */
export function understand(entries: readonly Entry[]): Take | null {
  const [begin] = entries;
  if (begin?.event !== 'start') return null;
  const tracks = new Map<string, OpenTrack>();
  const cuts: Span[] = [];
  const speaking: Take['speaking'] = [];
  const marks: Take['marks'] = [];
  let [now, suspendedAt, heard]: [number, number | undefined, { at: number; peers: readonly string[] }] = [
    0,
    undefined,
    { at: 0, peers: [] },
  ];
  const hear = (at: number, peers: readonly string[]) => {
    if (at > heard.at) speaking.push(...heard.peers.map((peer) => ({ peer, from: heard.at, to: at })));
    heard = { at, peers };
  };
  for (const entry of entries) {
    const { at } = entry;
    const track = 'track' in entry ? tracks.get(entry.track) : undefined;
    switch (entry.event) {
      case 'track':
        tracks.set(entry.track, { ...entry, first: undefined, pausedAt: undefined, off: [], end: undefined });
        break;
      case 'first':
        if (track) track.first = at;
        break;
      case 'pause':
        if (track) track.pausedAt ??= at;
        break;
      case 'resume':
        if (track?.pausedAt !== undefined) track.off.push({ from: track.pausedAt, to: at });
        if (track) track.pausedAt = undefined;
        break;
      case 'end':
        if (track) track.end = at;
        break;
      case 'suspend':
        suspendedAt ??= at;
        hear(at, []);
        break;
      case 'continue':
        if (suspendedAt !== undefined) cuts.push({ from: suspendedAt, to: at });
        suspendedAt = undefined;
        break;
      case 'again':
        // `now` is the last that the killed recorder knew of.
        for (const open of tracks.values()) open.end ??= now;
        hear(now, []);
        cuts.push({ from: suspendedAt ?? now, to: at });
        suspendedAt = undefined;
        heard = { at, peers: [] };
        break;
      case 'speaking':
        hear(at, suspendedAt === undefined ? entry.peers : []);
        break;
      case 'mark':
        marks.push({ at, mark: entry.mark });
        break;
    }
    now = Math.max(now, at);
  }
  hear(now, []);
  if (suspendedAt !== undefined) cuts.push({ from: suspendedAt, to: now });
  const kept = [...tracks.values()].flatMap((track) => (track.first === undefined ? [] : [ended(track, track.first, now)]));
  return { length: now, tracks: kept, cuts, speaking, marks };
}

function ended({ file, peer, source, kind, off, pausedAt, ...track }: OpenTrack, start: number, now: number): TakeTrack {
  const end = Math.max(start, track.end ?? now);
  const on: Span[] = [];
  let from = start;
  for (const gap of [...off, ...(pausedAt === undefined ? [] : [{ from: pausedAt, to: end }])]) {
    if (gap.from > from) on.push({ from, to: gap.from });
    from = Math.max(from, gap.to);
  }
  if (end > from) on.push({ from, to: end });
  return { file, peer, source, kind, start, end, on };
}

/** The journal and the files of a recording whose recorder has ended, or was killed; null when there is nothing to play. */
export async function readTake(folder: string): Promise<Take | null> {
  const take = understand(await readJournal(folder));
  if (!take) return null;
  const tracks: TakeTrack[] = [];
  for (const track of take.tracks) {
    const duration = await mendWebm(path.join(folder, track.file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return 0;
      throw error;
    });
    if (duration > 0) tracks.push(track);
  }
  return { ...take, tracks };
}

/** From the time of the recording to that of the composed file: what was cut out does not count. */
export function filmTime(cuts: readonly Span[]): (ms: number) => number {
  return (ms) => ms - cuts.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(ms, to) - from), 0);
}

export function takeView(take: Take): RecordingTake {
  const film = filmTime(take.cuts);
  return {
    durationMs: film(take.length),
    tracks: take.tracks.map(({ file, peer, source, start, end }) => ({ file, participantId: peer, source, startMs: start, endMs: end })),
    resumedMs: take.cuts.filter(({ to }) => to < take.length).map(({ to }) => film(to)),
    speaking: take.speaking.map(({ peer, from, to }) => ({ participantId: peer, fromMs: film(from), toMs: film(to) })),
    marks: take.marks.map(({ at, mark }) => ({ atMs: film(at), mark })),
    screens: take.tracks
      .filter(({ source }) => isScreen(source))
      .flatMap(({ peer, on }) => on.map(({ from }) => ({ atMs: film(from), participantId: peer }))),
  };
}

export const isScreen = (source: string): boolean => source === 'screen';
