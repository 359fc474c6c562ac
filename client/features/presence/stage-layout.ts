/** More people than this go onto further pages. */
export const TILES_PER_PAGE = 25;
const WIDEST = 16 / 9;
/** Few people may fill a phone that is held upright; in a crowd, tall and narrow tiles would cut faces. */
const narrowest = (count: number) => (count <= 2 ? 9 / 16 : 3 / 4);

/** Sizes in CSS pixels. */
export type Grid = { columns: number; rows: number; width: number; height: number };

/**
 * The rows and columns that show `count` tiles largest. A tile may be as wide as 16:9 and as narrow as 3:4, one or two of them 9:16
 * (pictures are cropped, never squeezed), so that phones held upright are filled, too.
 */
export function bestGrid(count: number, width: number, height: number, gap: number): Grid {
  let best: Grid = { columns: 1, rows: Math.max(count, 1), width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const cellWidth = Math.max(0, (width - gap * (columns - 1)) / columns);
    const cellHeight = Math.max(0, (height - gap * (rows - 1)) / rows);
    const tileWidth = Math.min(cellWidth, cellHeight * WIDEST);
    const tileHeight = Math.min(cellHeight, tileWidth / narrowest(count));
    if (tileWidth * tileHeight > best.width * best.height) {
      best = { columns, rows, width: Math.floor(tileWidth), height: Math.floor(tileHeight) };
    }
  }
  return best;
}

/** One picture that can be on the stage. */
export type Picture = { participantId: string; source: 'camera' | 'screen' };
export type PictureKey = `${string} ${Picture['source']}`;
export const pictureKey = (participantId: string, source: Picture['source']): PictureKey => `${participantId} ${source}`;
/** The pictures that are to be seen, with their width in CSS pixels. */
export type Shown = ReadonlyMap<PictureKey, number>;
export const NOTHING: Shown = new Map();

export function pagesFor(count: number, perPage: number): number {
  return Math.max(1, Math.ceil(count / perPage));
}

export type SpatialLayer = 0 | 1 | 2;

/** The camera's three pictures are 320, 640 and 1280 wide: the smallest that does not look soft in a tile of this width. */
export function layerFor(tileWidth: number, pixelRatio: number): SpatialLayer {
  const pixels = tileWidth * Math.min(pixelRatio, 2);
  if (pixels <= 400) return 0;
  return pixels <= 800 ? 1 : 2;
}
