import t from 'tap';
import { arrange, attentionOf, type Box, type Cast, LAYOUTS, place } from '../../client/features/presence/arrangement.ts';
import { LayoutMemory } from '../../client/features/presence/layout-memory.ts';
import { keepOrder, raise, Speakers } from '../../client/features/presence/speakers.ts';
import { TILES_PER_PAGE } from '../../client/features/presence/stage-layout.ts';

const GAP = 8;
const screens = [
  { width: 374, height: 700 },
  { width: 1264, height: 600 },
  { width: 1904, height: 960 },
  { width: 820, height: 1000 },
];
const cast = (over: Partial<Cast> = {}): Cast => ({
  ...{ people: ['a', 'b', 'me'], shares: [], pinned: null, spotlit: null, speaker: null },
  ...over,
});
const apart = (a: Box, b: Box) => a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;

t.test('LY1 one’s own pin goes before a share, a share before the spotlight, the spotlight before who speaks', async (t) => {
  const all = cast({ shares: ['b'], spotlit: 'a', pinned: { participantId: 'me', source: 'camera' }, speaker: 'b' });
  const focus = (over: Partial<Cast>) => arrange({ ...all, ...over }, 'speaker').focus;
  t.same(focus({}), { participantId: 'me', source: 'camera' });
  t.same(focus({ pinned: null }), { participantId: 'b', source: 'screen' });
  t.same(focus({ pinned: null, shares: [] }), { participantId: 'a', source: 'camera' });
  t.same(focus({ pinned: null, shares: [], spotlit: null }), { participantId: 'b', source: 'camera' });
  t.same(focus({ pinned: null, shares: [], spotlit: null, speaker: 'gone' }), { participantId: 'a', source: 'camera' });
  t.equal(attentionOf(cast({ pinned: { participantId: 'a', source: 'screen' } })), null, 'a pinned share that has ended');
  t.equal(attentionOf(cast({ spotlit: 'gone' })), null);
});

t.test('LY2 nobody is shown twice, and nobody is left out, in every layout', async (t) => {
  for (const layout of LAYOUTS)
    for (const over of [{}, { shares: ['b', 'a'] }, { spotlit: 'b' }, { pinned: { participantId: 'a', source: 'camera' } as const }]) {
      const { focus, rest } = arrange(cast(over), layout);
      const keys = [...(focus ? [focus] : []), ...rest].map(({ participantId, source }) => `${participantId} ${source}`);
      const expected = ['a camera', 'b camera', 'me camera', ...(over.shares ?? []).map((id) => `${id} screen`)];
      t.same([...keys].sort(), expected.sort(), `${layout} ${JSON.stringify(over)}`);
    }
  t.match(arrange(cast({ spotlit: 'b' }), 'grid').rest[0], { participantId: 'b' }, 'in a grid, what has attention comes first');
});

t.test('LY3 tiles lie inside of the stage and apart from each other; at most 25 of them live at once', async (t) => {
  for (const layout of LAYOUTS)
    for (const stage of screens)
      for (const count of [0, 1, 2, 3, 7, 24, 25, 49, 199]) {
        const hasFocus = layout !== 'grid';
        const label = `${layout}, ${count} on ${stage.width} × ${stage.height}`;
        const { perPage } = place(layout, hasFocus, count, 0, stage, GAP);
        let placed = 0;
        for (let page = 0; page < Math.max(1, Math.ceil(count / perPage)); page++) {
          const { focus, rest } = place(layout, hasFocus, count, page, stage, GAP);
          const boxes = focus ? [focus, ...rest] : rest;
          placed += rest.length;
          const inside = boxes.every(
            ({ x, y, width, height }) => x >= 0 && y >= 0 && x + width <= stage.width && y + height <= stage.height,
          );
          const clear = boxes.every((box, index) => boxes.slice(index + 1).every((other) => apart(box, other)));
          if (!inside || !clear || boxes.length > TILES_PER_PAGE || boxes.some(({ width }) => width < 40)) t.fail(label, { boxes });
          if (focus && rest.length)
            t.ok(focus.width * focus.height > rest[0]!.width * rest[0]!.height, `${label}: the large one is larger`);
        }
        t.equal(placed, count, `${label}: everybody has a page`);
      }
});

t.test('LY4 who speaks becomes the speaker; a cough changes nothing, and silence keeps the last one', async (t) => {
  const speakers = new Speakers();
  t.equal(speakers.hear(['a'], 0), undefined);
  t.equal(speakers.current, 'a', 'the first is taken at once');
  t.equal(speakers.hear(['a', 'b'], 100), undefined, 'two at once: it stays');
  const wait = speakers.hear(['b'], 200);
  t.equal(speakers.current, 'a');
  t.equal(wait, 500, 'asks again when b has spoken for 600 ms');
  speakers.hear([], 300);
  speakers.hear(['b'], 400);
  t.equal(speakers.current, 'a', 'a cough');
  speakers.hear(['b'], 1_000);
  t.equal(speakers.current, 'b');
  speakers.hear([], 2_000);
  t.equal(speakers.current, 'b', 'silence');
  t.ok(speakers.lastHeard('b') > speakers.lastHeard('a'));
});

t.test('LY5 last speakers come onto the first page, in place of who was silent longest; nobody else moves', async (t) => {
  const heard: Record<string, number> = { a: 5, b: 1, c: 3 };
  const lastHeard = (id: string) => heard[id] ?? 0;
  const order = ['a', 'b', 'c', 'd', 'e'];
  t.same(raise(order, 'e', 3, lastHeard), ['a', 'e', 'c', 'd', 'b']);
  t.same(raise(order, 'c', 3, lastHeard), order, 'who is there already stays there');
  t.same(raise(order, 'e', 0, lastHeard), order);
  t.same(keepOrder(['b', 'a', 'x'], ['a', 'b', 'c']), ['b', 'a', 'c'], 'who goes leaves no hole, newcomers come last');
});

t.test('LY6 the layout is remembered, one for calm and one for when there is something to look at', async (t) => {
  const store = new Map<string, string>();
  const storage = { getItem: (key: string) => store.get(key) ?? null, setItem: (key: string, value: string) => void store.set(key, value) };
  const memory = new LayoutMemory(storage);
  t.same([memory.layout('calm'), memory.layout('attention')], ['grid', 'speaker']);
  memory.remember('attention', 'side');
  t.same([new LayoutMemory(storage).layout('calm'), new LayoutMemory(storage).layout('attention')], ['grid', 'side']);
  store.set('muster.layout.calm', 'nonsense');
  t.equal(new LayoutMemory(storage).layout('calm'), 'grid');
  const blocked = () => {
    throw new Error('blocked');
  };
  const forgetful = new LayoutMemory({ getItem: blocked, setItem: blocked });
  forgetful.remember('calm', 'side');
  t.equal(forgetful.layout('calm'), 'grid', 'a browser that blocks storage forgets');
});
