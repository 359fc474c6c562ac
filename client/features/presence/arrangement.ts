import { bestGrid, type Picture, TILES_PER_PAGE } from './stage-layout.ts';

/** `grid`: all alike. `speaker`: one large, the others in a strip. `side`: one large beside a grid of the others. */
export const LAYOUTS = ['grid', 'speaker', 'side'] as const;
export type Layout = (typeof LAYOUTS)[number];

export type Cast = {
  /** Everybody who has a tile, in the order in which they are shown. */
  people: readonly string[];
  /** Those whose screen is seen, latest first. */
  shares: readonly string[];
  pinned: Picture | null;
  spotlit: string | null;
  /** Who speaks, or spoke last. */
  speaker: string | null;
};

const same = (a: Picture, b: Picture) => a.participantId === b.participantId && a.source === b.source;

/** What everybody is to look at: one's own pin goes before a share, a share before the spotlight. Null: nothing in particular. */
export function attentionOf({ people, shares, pinned, spotlit }: Cast): Picture | null {
  if (pinned && (pinned.source === 'camera' ? people : shares).includes(pinned.participantId)) return pinned;
  if (shares[0] !== undefined) return { participantId: shares[0], source: 'screen' };
  return spotlit !== null && people.includes(spotlit) ? { participantId: spotlit, source: 'camera' } : null;
}

/** The large picture (none in a grid), and the others in order: shares, then people. In a grid, what has attention comes first. */
export function arrange(cast: Cast, layout: Layout): { focus: Picture | null; rest: Picture[] } {
  const { people, shares, speaker } = cast;
  const all: Picture[] = [
    ...shares.map((participantId) => ({ participantId, source: 'screen' as const })),
    ...people.map((participantId) => ({ participantId, source: 'camera' as const })),
  ];
  const attention = attentionOf(cast);
  if (layout === 'grid') {
    const first = attention && all.find((picture) => same(picture, attention));
    return { focus: null, rest: first ? [first, ...all.filter((picture) => picture !== first)] : all };
  }
  const speaks = speaker !== null && people.includes(speaker) ? speaker : people[0];
  const focus = attention ?? (speaks === undefined ? null : { participantId: speaks, source: 'camera' as const });
  return { focus, rest: focus ? all.filter((picture) => !same(picture, focus)) : all };
}

export type Box = { x: number; y: number; width: number; height: number };
export type Size = { width: number; height: number };
/** Where the large picture stands, and the places of the others on one page. */
export type Places = { focus: Box | null; rest: Box[]; perPage: number };

/** Upright stages (phones) have the others below the large picture, wide ones beside it. */
const isUpright = ({ width, height }: Size) => width < height * 1.1;
const clamp = (value: number, least: number, most: number) => Math.min(most, Math.max(least, value));

/** Places for `count` other pictures beside the large one, of which a page shows `perPage` at most. */
export function place(layout: Layout, hasFocus: boolean, count: number, page: number, stage: Size, gap: number): Places {
  const whole: Box = { x: 0, y: 0, ...stage };
  if (!hasFocus) return inGrid(null, whole, count, page, TILES_PER_PAGE, gap);
  if (count === 0) return { focus: whole, rest: [], perPage: TILES_PER_PAGE - 1 };
  return layout === 'side' ? sideBySide(count, page, stage, gap) : withStrip(count, page, stage, gap);
}

function sideBySide(count: number, page: number, { width, height }: Size, gap: number): Places {
  const upright = isUpright({ width, height });
  const large = upright ? { width, height: Math.floor(height * 0.5) } : { width: Math.floor(width * 0.6), height };
  const others: Box = upright
    ? { x: 0, y: large.height + gap, width, height: height - large.height - gap }
    : { x: large.width + gap, y: 0, width: width - large.width - gap, height };
  return inGrid({ x: 0, y: 0, ...large }, others, count, page, TILES_PER_PAGE - 1, gap);
}

function withStrip(count: number, page: number, { width, height }: Size, gap: number): Places {
  const upright = isUpright({ width, height });
  const tile = upright
    ? { width: clamp(Math.floor(width / 3.4), 96, 180), height: clamp(Math.floor(height * 0.16), 72, 120) }
    : stripTile(clamp(Math.floor(width * 0.16), 140, 280));
  const room = upright ? width : height;
  const length = upright ? tile.width : tile.height;
  const perPage = clamp(Math.floor((room + gap) / (length + gap)), 1, TILES_PER_PAGE - 1);
  const shown = Math.max(0, Math.min(perPage, count - page * perPage));
  const start = Math.max(0, Math.floor((room - (shown * (length + gap) - gap)) / 2));
  const rest = Array.from({ length: shown }, (_, index): Box => {
    const along = start + index * (length + gap);
    return upright ? { x: along, y: height - tile.height, ...tile } : { x: width - tile.width, y: along, ...tile };
  });
  const focus = upright ? { width, height: height - tile.height - gap } : { width: width - tile.width - gap, height };
  return { focus: { x: 0, y: 0, ...focus }, rest, perPage };
}

const stripTile = (width: number): Size => ({ width, height: Math.floor((width * 9) / 16) });

/** The tiles of one page, in rows; the last row in the middle. */
function inGrid(focus: Box | null, area: Box, count: number, page: number, perPage: number, gap: number): Places {
  const shown = Math.max(0, Math.min(perPage, count - page * perPage));
  const { columns, rows, width, height } = bestGrid(shown, area.width, area.height, gap);
  const top = area.y + Math.floor((area.height - (rows * (height + gap) - gap)) / 2);
  const rest = Array.from({ length: shown }, (_, index): Box => {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, shown - row * columns);
    const left = area.x + Math.floor((area.width - (inRow * (width + gap) - gap)) / 2);
    return { x: left + (index - row * columns) * (width + gap), y: top + row * (height + gap), width, height };
  });
  return { focus, rest, perPage };
}
