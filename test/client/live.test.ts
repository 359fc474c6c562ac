import { mock } from 'node:test';
import t from 'tap';
import { Live } from '../../client/lib/live.ts';
import { AppError } from '../../server/contract/errors.ts';
import { FakeServer, FakeWire, settled } from './fake-live.ts';

const TOPIC = 'meeting:01999999-0000-7000-8000-000000000001';

/** What a screen would hold: replaced by snapshots, changed by changes, strict about their order. */
class Screen {
  items: string[] = [];
  snapshots = 0;
  closed: string | undefined;
  readonly follower = {
    snapshot: (data: unknown) => {
      // FakeServer's snapshots are lists of texts.
      this.items = [...(data as string[])];
      this.snapshots++;
    },
    change: (change: { data: unknown }) => {
      this.items.push(String((change.data as { text: string }).text));
    },
    closed: (code: string) => {
      this.closed = code;
    },
  };
}

/** Seeded, so that a failure can be run again (mulberry32). */
function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let x = Math.imul(a ^ (a >>> 15), 1 | a);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

t.beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
t.afterEach(() => mock.timers.reset());

function setUp() {
  const server = new FakeServer();
  const wire = new FakeWire(server);
  const live = new Live(wire, () => 42);
  return { server, wire, live };
}
async function quiet(wire: FakeWire) {
  for (let i = 0; i < 8; i++) {
    wire.deliverAll();
    await settled();
    mock.timers.tick(1_100);
    await settled();
  }
}

t.test('Whatever is lost, doubled, swapped or cut off: every follower ends with what the server holds', async (t) => {
  for (let seed = 1; seed <= 150; seed++) {
    const { server, wire, live } = setUp();
    const next = random(seed);
    server.kept = 1 + Math.floor(next() * 6);
    const screens = [new Screen()];
    live.follow(TOPIC, screens[0]!.follower);
    for (let step = 0; step < 60; step++) {
      const dice = next();
      if (dice < 0.4) server.record(TOPIC, `${seed}.${step}`);
      else if (dice < 0.75) wire.deliverOne(next);
      else if (dice < 0.8) wire.drop();
      else if (dice < 0.85) wire.connect();
      else if (dice < 0.9) server.tellHeads();
      else if (dice < 0.92 && screens.length < 3) {
        const late = new Screen();
        screens.push(late);
        live.follow(TOPIC, late.follower);
      }
      if (next() < 0.5) await settled();
    }
    wire.connect();
    await quiet(wire);
    server.tellHeads();
    await quiet(wire);
    for (const screen of screens) {
      if (screen.items.join() !== server.items(TOPIC).join()) t.same(screen.items, server.items(TOPIC), `seed ${seed}`);
    }
  }
  t.pass('150 courses of events');
});

t.test('Changes in order need no second question', async (t) => {
  const { server, wire, live } = setUp();
  const screen = new Screen();
  live.follow(TOPIC, screen.follower);
  await quiet(wire);
  for (const text of ['a', 'b', 'c']) server.record(TOPIC, text);
  await quiet(wire);
  t.same(screen.items, ['a', 'b', 'c']);
  t.equal(screen.snapshots, 1);
  t.equal(server.asked.filter((command) => command === 'topic.follow').length, 1);
});

t.test('A gap is asked for at once, and what came early is not lost', async (t) => {
  const { server, wire, live } = setUp();
  const screen = new Screen();
  live.follow(TOPIC, screen.follower);
  await quiet(wire);
  server.record(TOPIC, 'a');
  wire.loseNext();
  for (const text of ['b', 'c']) server.record(TOPIC, text);
  wire.deliverAll();
  await settled();
  t.same(screen.items, [], 'nothing is shown out of order');
  wire.deliverAll();
  await settled();
  t.same(screen.items, ['a', 'b', 'c']);
  t.equal(screen.snapshots, 1);
});

t.test('After a lost connection only what was missed is fetched', async (t) => {
  const { server, wire, live } = setUp();
  const screen = new Screen();
  live.follow(TOPIC, screen.follower);
  server.record(TOPIC, 'a');
  await quiet(wire);
  wire.drop();
  server.record(TOPIC, 'b');
  wire.connect();
  await quiet(wire);
  t.same(screen.items, ['a', 'b']);
  t.equal(screen.snapshots, 1);
});

t.test('The last of several followers ends the subscription', async (t) => {
  const { server, wire, live } = setUp();
  const [one, two] = [new Screen(), new Screen()];
  const stopOne = live.follow(TOPIC, one.follower);
  const stopTwo = live.follow(TOPIC, two.follower);
  await quiet(wire);
  stopOne();
  server.record(TOPIC, 'a');
  await quiet(wire);
  t.same([one.items, two.items], [[], ['a']]);
  t.notOk(server.asked.includes('topic.unfollow'));
  stopTwo();
  await quiet(wire);
  t.ok(server.asked.includes('topic.unfollow'));
  t.equal(server.following.size, 0);
  const again = new Screen();
  live.follow(TOPIC, again.follower);
  await quiet(wire);
  t.same(again.items, ['a']);
});

t.test('A refused or withdrawn topic tells its followers why and is not asked for again', async (t) => {
  const { server, wire, live } = setUp();
  const [refused, withdrawn] = [new Screen(), new Screen()];
  server.refuse = 'NOT_FOUND';
  live.follow(TOPIC, refused.follower);
  await quiet(wire);
  t.equal(refused.closed, 'NOT_FOUND');
  server.refuse = undefined;
  live.follow(TOPIC, withdrawn.follower);
  await quiet(wire);
  server.closeTopic(TOPIC, 'NOT_ALLOWED');
  await quiet(wire);
  t.equal(withdrawn.closed, 'NOT_ALLOWED');
  const asked = server.asked.length;
  wire.drop();
  wire.connect();
  await quiet(wire);
  t.equal(server.asked.length, asked);
});

t.test('A command that cannot be answered is UNAVAILABLE: not connected, cut off, or silence', async (t) => {
  const { server, wire, live } = setUp();
  await t.rejects(live.send('room.leave', {}), { code: 'UNAVAILABLE' });
  wire.connect();
  const cut = live.send('room.leave', {});
  wire.drop();
  await t.rejects(cut, { code: 'UNAVAILABLE' });
  wire.connect();
  const silence = live.send('room.leave', {}, { timeout: 500 });
  mock.timers.tick(501);
  await t.rejects(silence, { code: 'UNAVAILABLE' });
  server.refuse = 'NOT_ADMITTED';
  const refused = live.send('room.leave', {});
  wire.deliverAll();
  await t.rejects(refused, new AppError('NOT_ADMITTED', 'refused'));
});

t.test('Whoever observes the connection hears where it stands and since when', async (t) => {
  const { wire, live } = setUp();
  const heard: string[] = [];
  const stop = live.observe(({ status, since }) => heard.push(`${status} ${since}`));
  wire.connect();
  wire.drop();
  wire.connect();
  stop();
  wire.drop();
  t.same(heard, ['connecting 42', 'online 42', 'offline 42', 'online 42']);
});

t.test('A line that is silent after sleep is replaced', async (t) => {
  const { server, wire, live } = setUp();
  const screen = new Screen();
  live.follow(TOPIC, screen.follower);
  await quiet(wire);
  const connections = wire.connections;
  wire.frozen = true;
  server.record(TOPIC, 'while asleep');
  const check = live.check();
  await settled();
  mock.timers.tick(3_001);
  wire.frozen = false;
  await check;
  await quiet(wire);
  t.equal(wire.connections, connections + 1);
  t.same(screen.items, ['while asleep']);
});
