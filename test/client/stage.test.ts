import t from 'tap';
import { DeviceMemory } from '../../client/features/presence/device-memory.ts';
import { bestGrid, layerFor, pagesFor, TILES_PER_PAGE } from '../../client/features/presence/stage-layout.ts';
import { VisitMemory } from '../../client/features/waiting-room/visit-memory.ts';

const GAP = 8;
const screens = [
  { width: 1424, height: 790 },
  { width: 374, height: 700 },
  { width: 1080, height: 900 },
  { width: 840, height: 300 },
];

t.test('1 to 25 tiles fit every stage, with nobody left out, squeezed or hidden', async (t) => {
  for (const { width, height } of screens) {
    for (let count = 1; count <= TILES_PER_PAGE; count++) {
      const grid = bestGrid(count, width, height, GAP);
      const label = `${count} on ${width} × ${height}`;
      t.ok(grid.columns * grid.rows >= count, `${label}: a place for everybody`);
      t.ok(grid.columns * (grid.width + GAP) - GAP <= width && grid.rows * (grid.height + GAP) - GAP <= height, `${label}: inside`);
      const ratio = grid.width / grid.height;
      t.ok(ratio >= (count <= 2 ? 0.55 : 0.73) && ratio <= 1.85, `${label}: the shape of a picture (${ratio})`);
      t.ok(grid.width * grid.height * count > width * height * 0.35, `${label}: the stage is used`);
    }
  }
});

t.test('two people stand side by side on a wide screen and one above the other on a phone', async (t) => {
  t.match(bestGrid(2, 1424, 790, GAP), { columns: 2, rows: 1 });
  t.match(bestGrid(2, 374, 700, GAP), { columns: 1, rows: 2 });
});

t.test('a stage that has no size yet has tiles of none', async (t) => {
  t.match(bestGrid(3, 0, 0, GAP), { width: 0, height: 0 });
  t.match(bestGrid(0, 100, 100, GAP), { width: 0, height: 0 });
});

t.test('more than 25 people go onto pages', async (t) => {
  t.same(
    [0, 1, 25, 26, 50, 51].map((count) => pagesFor(count, TILES_PER_PAGE)),
    [1, 1, 1, 2, 2, 3],
  );
});

t.test('a tile gets the smallest picture that is sharp in it', async (t) => {
  t.same(
    [160, 320, 640, 1280].map((width) => layerFor(width, 1)),
    [0, 0, 1, 2],
  );
  t.same(
    [160, 320, 640].map((width) => layerFor(width, 2)),
    [0, 1, 2],
  );
  t.equal(layerFor(160, 4), layerFor(160, 2), 'nobody sees more than two pixels per pixel');
});

class Memory {
  readonly #values = new Map<string, string>();
  getItem = (key: string) => this.#values.get(key) ?? null;
  setItem = (key: string, value: string) => void this.#values.set(key, value);
  removeItem = (key: string) => void this.#values.delete(key);
}
const forbidden = () => {
  throw new Error('SecurityError');
};
const blocked = { getItem: forbidden, setItem: forbidden, removeItem: forbidden };

t.test('devices are remembered by browser, what is on by tab', async (t) => {
  const [browser, tab] = [new Memory(), new Memory()];
  const memory = new DeviceMemory(browser, tab);
  t.ok(memory.isOn('camera'), 'at first both are on');
  memory.rememberDevice('camera', 'desk camera');
  memory.rememberOn('camera', false);
  t.equal(new DeviceMemory(browser, new Memory()).device('camera'), 'desk camera');
  t.notOk(new DeviceMemory(browser, tab).isOn('camera'));
  t.ok(new DeviceMemory(browser, new Memory()).isOn('camera'));
});

t.test('the name is remembered by browser, being inside by tab and meeting', async (t) => {
  const [browser, tab] = [new Memory(), new Memory()];
  const visit = new VisitMemory('abc', browser, tab);
  visit.name = 'Ada';
  visit.inside = true;
  t.equal(new VisitMemory('xyz', browser, new Memory()).name, 'Ada');
  t.ok(new VisitMemory('abc', browser, tab).inside);
  t.notOk(new VisitMemory('xyz', browser, tab).inside);
  visit.inside = false;
  t.notOk(new VisitMemory('abc', browser, tab).inside);
});

t.test('a browser that blocks storage only forgets', async (t) => {
  const memory = new DeviceMemory(blocked, blocked);
  memory.rememberOn('camera', false);
  t.ok(memory.isOn('camera'));
  const visit = new VisitMemory('abc', blocked, blocked);
  visit.inside = true;
  t.same([visit.inside, visit.name], [false, '']);
});
