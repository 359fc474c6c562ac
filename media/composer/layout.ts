import { isScreen, type Span, type Take, type TakeTrack } from './take.ts';

export const WIDTH = 1280;
export const HEIGHT = 720;
export const FPS = 25;

/** More would be stamps: those with a camera, and those who spoke, come first. */
const MOST_TILES = 16;
/** Beside a shared screen. */
const MOST_BESIDE = 4;
const SIDE_WIDTH = 256;
/** A set of people that lasts shorter (somebody reloads) is not worth a cut. */
const FLICKER_MS = 400;

/** `track` null: somebody without a picture, by name. */
export type Tile = { peer: string; track: TakeTrack | null; x: number; y: number; width: number; height: number };
/** A stretch in which the same people and screens are to be seen. */
export type Piece = Span & { tiles: Tile[] };

/** Times on frames, so that the pieces add up without drift. */
const onFrame = (ms: number): number => (Math.round((ms * FPS) / 1000) * 1000) / FPS;

/** How the composed file looks, piece by piece; what was cut out is in none. */
export function pieces(take: Take): Piece[] {
  const end = onFrame(take.length);
  const changes = take.tracks.flatMap(({ kind, on, start, end: last }) =>
    kind === 'video' ? on.flatMap(({ from, to }) => [from, to]) : [start, last],
  );
  const edges = [0, ...[...changes, ...take.cuts.flatMap(({ from, to }) => [from, to])].map(onFrame), end];
  const sorted = [...new Set(edges)].filter((ms) => ms >= 0 && ms <= end).toSorted((a, b) => a - b);
  const found: { from: number; to: number; shown: TakeTrack[]; present: string[] }[] = [];
  for (const [index, from] of sorted.slice(0, -1).entries()) {
    const to = sorted[index + 1]!;
    const middle = (from + to) / 2;
    if (take.cuts.some((cut) => inside(cut, middle))) continue;
    const shown = take.tracks.filter(({ kind, on }) => kind === 'video' && on.some((span) => inside(span, middle)));
    const present = [
      ...new Set(take.tracks.filter(({ start, end: last }) => inside({ from: start, to: last }, middle)).map(({ peer }) => peer)),
    ];
    const before = found.at(-1);
    const same = before && alike(before.shown, shown) && alike(before.present, present);
    if (before?.to === from && (same || to - from < FLICKER_MS)) before.to = to;
    else found.push({ from, to, shown, present });
  }
  return found.map(({ from, to, shown, present }) => ({ from, to, tiles: tiles(take, { from, to }, shown, present) }));
}

const inside = ({ from, to }: Span, ms: number): boolean => ms >= from && ms < to;
const alike = <T>(a: readonly T[], b: readonly T[]): boolean => a.length === b.length && a.every((item, index) => item === b[index]);

function tiles(take: Take, span: Span, shown: TakeTrack[], present: string[]): Tile[] {
  const screen = shown.findLast(({ source }) => isScreen(source));
  const cameras = shown.filter(({ source }) => !isScreen(source));
  const spoken = (peer: string) =>
    take.speaking.reduce(
      (sum, { peer: who, from, to }) => sum + (who === peer ? Math.max(0, Math.min(to, span.to) - Math.max(from, span.from)) : 0),
      0,
    );
  const people = present.map((peer) => ({ peer, track: cameras.find((camera) => camera.peer === peer) ?? null, spoken: spoken(peer) }));
  const most = screen ? MOST_BESIDE : MOST_TILES;
  // In order of arrival; who has to give way is decided by camera and voice.
  const chosen = new Set(
    people.toSorted((a, b) => Number(b.track !== null) - Number(a.track !== null) || b.spoken - a.spoken).slice(0, most),
  );
  const kept = people.filter((person) => chosen.has(person));
  return screen ? [share(screen, kept.length), ...column(kept)] : grid(kept);
}

type Person = { peer: string; track: TakeTrack | null };

const share = (track: TakeTrack, beside: number): Tile => ({
  ...{ peer: track.peer, track, x: 0, y: 0, height: HEIGHT },
  width: beside > 0 ? WIDTH - SIDE_WIDTH : WIDTH,
});

function column(people: Person[]): Tile[] {
  const height = even(HEIGHT / MOST_BESIDE);
  const top = even((HEIGHT - height * people.length) / 2);
  return people.map(({ peer, track }, index) => ({
    peer,
    track,
    x: WIDTH - SIDE_WIDTH,
    y: top + index * height,
    width: SIDE_WIDTH,
    height,
  }));
}

function grid(people: Person[]): Tile[] {
  const columns = Math.ceil(Math.sqrt(people.length));
  const rows = Math.ceil(people.length / columns);
  const [width, height] = [even(WIDTH / columns), even(HEIGHT / rows)];
  return people.map(({ peer, track }, index) => {
    const row = Math.floor(index / columns);
    // The last row is centred when it is not full.
    const inRow = row === rows - 1 ? people.length - row * columns : columns;
    const left = even((WIDTH - inRow * width) / 2);
    return { peer, track, x: left + (index % columns) * width, y: row * height, width, height };
  });
}

const even = (pixels: number): number => Math.floor(pixels / 2) * 2;
