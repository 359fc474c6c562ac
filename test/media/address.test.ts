/** A person whose address changes in the middle of a call. */
import t from 'tap';
import { launch } from '../support/chromium.ts';
import { Link } from '../support/netem.ts';
import { openPerson, servePage } from './people.ts';
import { openStudio, until } from './studio.ts';

t.setTimeout(120_000);
const url = await servePage(t);
const studio = await openStudio();
const browser = await launch({ media: true });
t.teardown(() => Promise.all([browser.close(), studio.media.close()]));

t.test('NL4 from Wi-Fi to mobile: both ways go on at the new address, without anybody doing anything', async (t) => {
  let link: Link | undefined;
  t.teardown(() => link?.close());
  const still = await openPerson(browser, studio, url, 'still', { way: 'udp 127.0.0.1' });
  const moving = await openPerson(browser, studio, url, 'moving', {
    way: 'udp 127.0.0.1',
    async through(port) {
      link ??= await Link.open(port);
      return link.port;
    },
  });
  const frames = async () => {
    const seen = await Promise.all([still, moving].map((page) => page.evaluate('measure()')));
    return seen.map((measured) => (measured as { frames: number }).frames); // `measure` of page.js answers this shape
  };
  const flow = async (more: number) => {
    const before = await frames();
    await until(
      async () => (await frames()).every((count, index) => count >= before[index]! + more),
      20_000,
      () => `no ${more} frames more than ${before}`,
    );
  };
  await still.evaluate('enter()');
  await moving.evaluate('enter()');
  await flow(10);
  link!.move(process.platform === 'linux' ? '127.0.0.2' : '127.0.0.1');
  // More than the buffers could still hold.
  await flow(60);
  t.pass('both see each other move');
});
