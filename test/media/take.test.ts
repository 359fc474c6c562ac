import t from 'tap';
import { pieces } from '../../media/composer/layout.ts';
import { filmTime, takeView, understand } from '../../media/composer/take.ts';
import type { Entry } from '../../media/recorder/journal.ts';
import { chapters, turns } from '../../server/features/recordings/rules.ts';

const track = (at: number, id: string, peer: string, source: 'microphone' | 'camera' | 'screen'): Entry => ({
  ...{ at, event: 'track', track: id, peer, source },
  kind: source === 'microphone' ? 'audio' : 'video',
  file: `${id}.webm`,
});
const of = (event: 'first' | 'pause' | 'resume', at: number, id: string): Entry => ({ at, event, track: id });
const end = (at: number, id: string): Entry => ({ at, event: 'end', track: id, lost: 0, frames: 1 });
const start: Entry = { at: 0, event: 'start', wall: '2026-11-25T10:00:00.000Z' };

t.test('a mute is a gap of a track, a pause is a cut of everything', async (t) => {
  const take = understand([
    ...[start, track(0, 'c', 'a', 'camera'), of('first', 100, 'c'), of('pause', 2_000, 'c'), of('resume', 4_000, 'c')],
    ...[
      { at: 5_000, event: 'suspend' } as const,
      { at: 9_000, event: 'continue' } as const,
      end(12_000, 'c'),
      { at: 12_000, event: 'stop' } as const,
    ],
  ])!;
  t.same(take.tracks[0]!.on, [
    { from: 100, to: 2_000 },
    { from: 4_000, to: 12_000 },
  ]);
  t.same(take.cuts, [{ from: 5_000, to: 9_000 }]);
  t.same([1_000, 5_000, 7_000, 9_000, 12_000].map(filmTime(take.cuts)), [1_000, 5_000, 5_000, 5_000, 8_000]);
  t.match(takeView(take), { durationMs: 8_000, resumedMs: [5_000] });
});

t.test('what a killed recorder left open ends with its last beat, and the time until somebody went on is cut out', async (t) => {
  const take = understand([
    ...[start, track(0, 'm', 'a', 'microphone'), of('first', 50, 'm'), { at: 3_000, event: 'speaking', peers: ['a'] } as const],
    ...[{ at: 6_000, event: 'beat' } as const, { at: 20_000, event: 'again' } as const],
    ...[track(21_000, 'n', 'a', 'microphone'), of('first', 21_000, 'n'), { at: 25_000, event: 'beat' } as const],
  ])!;
  t.same(
    take.tracks.map(({ start: from, end: to }) => [from, to]),
    [
      [50, 6_000],
      [21_000, 25_000],
    ],
  );
  t.same(take.cuts, [{ from: 6_000, to: 20_000 }]);
  t.same(take.speaking, [{ peer: 'a', from: 3_000, to: 6_000 }], 'nobody speaks while nobody listens');
  t.equal(understand([]), null);
  t.equal(understand([{ at: 5, event: 'beat' }]), null);
});

t.test('the picture is cut where people come and go; a shared screen is large, those who speak beside it', async (t) => {
  const people = ['a', 'b', 'c', 'd', 'e', 'f'];
  const take = understand(
    [
      start,
      ...people.flatMap((peer) => [track(0, peer, peer, 'camera'), of('first', 0, peer)]),
      ...[{ at: 11_000, event: 'speaking', peers: ['f'] } as const, { at: 15_000, event: 'speaking', peers: ['e'] } as const],
      ...[track(10_000, 's', 'b', 'screen'), of('first', 10_000, 's'), { at: 16_000, event: 'speaking', peers: [] } as const],
      ...[end(20_000, 's'), track(0, 'm', 'g', 'microphone'), of('first', 25_000, 'm'), { at: 30_000, event: 'stop' } as const],
    ].toSorted((one, other) => one.at - other.at),
  )!;
  const found = pieces(take);
  t.same(
    found.map(({ from, to }) => [from, to]),
    [
      [0, 10_000],
      [10_000, 20_000],
      [20_000, 25_000],
      [25_000, 30_000],
    ],
  );
  const [before, shared, , withVoice] = found;
  t.equal(before!.tiles.length, 6);
  const [screen, ...beside] = shared!.tiles;
  t.match(screen, { peer: 'b', track: { source: 'screen' }, x: 0, width: 1024, height: 720 });
  t.equal(beside.length, 4);
  t.ok(
    ['e', 'f'].every((peer) => beside.some((tile) => tile.peer === peer)),
    'who speaks is beside it',
  );
  t.ok(
    beside.every(({ track: shown }) => shown?.source === 'camera'),
    'cameras beside it',
  );
  t.equal(withVoice!.tiles.length, 7);
  t.equal(withVoice!.tiles.find(({ peer }) => peer === 'g')?.track, null, 'who has no camera has a tile with a name');
  for (const { tiles } of found)
    for (const { x, y, width, height } of tiles)
      t.ok(x >= 0 && y >= 0 && x + width <= 1280 && y + height <= 720 && width % 2 === 0 && height % 2 === 0, 'inside of the picture');
});

t.test('what was cut out is in no piece, and a flicker is none', async (t) => {
  const take = understand([
    ...[start, track(0, 'a', 'a', 'camera'), of('first', 0, 'a'), track(0, 'b', 'b', 'camera'), of('first', 4_000, 'b'), end(4_200, 'b')],
    ...[{ at: 6_000, event: 'suspend' } as const, { at: 8_000, event: 'continue' } as const, { at: 10_000, event: 'stop' } as const],
  ])!;
  const found = pieces(take);
  t.same(
    found.map(({ from, to }) => [from, to]),
    [
      [0, 6_000],
      [8_000, 10_000],
    ],
  );
});

t.test('RC12 chapters begin where it begins, goes on, or shows a screen; turns bridge short silences', async (t) => {
  const timeline = {
    resumedMs: [60_000],
    screens: [
      { atMs: 2_000, participantId: 'b' },
      { atMs: 90_000, participantId: 'b' },
    ],
    speaking: [
      { participantId: 'a', fromMs: 0, toMs: 1_000 },
      { participantId: 'a', fromMs: 1_500, toMs: 2_000 },
      { participantId: 'b', fromMs: 5_000, toMs: 5_000 },
      { participantId: 'a', fromMs: 9_000, toMs: 9_500 },
    ],
    marks: [],
  };
  t.same(
    chapters(timeline, (id) => id.toUpperCase()),
    [
      { at: 0, kind: 'start', name: null },
      { at: 60, kind: 'resumed', name: null },
      { at: 90, kind: 'screen', name: 'B' },
    ],
  );
  t.same(turns(timeline), [
    {
      participantId: 'a',
      spans: [
        [0, 2],
        [9, 9.5],
      ],
    },
  ]);
});
