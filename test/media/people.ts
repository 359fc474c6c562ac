/** Browsers in the studio's room: a page of their own that sends camera and microphone and shows what comes. */
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { Test } from 'tap';
import { build } from 'vite';
import type { Opaque, Source } from '../../server/contract/media.ts';
import { ALL, type Studio } from './studio.ts';

/** The page, bundled, on a free port of localhost: there a browser gives out its camera. */
export async function servePage(t: Pick<Test, 'testdir' | 'teardown'>): Promise<string> {
  const outDir = t.testdir({});
  await build({
    root: path.join(import.meta.dirname, 'page'),
    configFile: false,
    logLevel: 'error',
    build: { outDir, emptyOutDir: false, minify: false },
  });
  const server = createServer((request, response) => {
    const file = request.url === '/' ? 'index.html' : path.normalize(request.url ?? '/');
    response.setHeader('content-type', file.endsWith('.js') ? 'text/javascript' : 'text/html');
    createReadStream(path.join(outDir, file))
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  // A listening TCP server has an address with a port.
  return `http://localhost:${(server.address() as AddressInfo).port}/`;
}

/**
 * `way`: only the server's candidates that start with it are seen, e.g. `tcp `. `through`: another port in front of the server's. `beat`:
 * sends flashes and beeps at once, and receives nothing.
 */
type Route = { way?: string; through?: (port: number) => Promise<number>; beat?: boolean };

/** A browser page as `name`, in the studio's room. */
export async function openPerson(
  browser: Browser,
  { media, roomId }: Studio,
  url: string,
  name: string,
  { way = '', through = async (port) => port, beat = false }: Route = {},
): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  const methods: Record<string, (...args: never[]) => Promise<unknown>> = {
    setup: () => media.setup(),
    enter: async (rtpCapabilities: Opaque) => {
      const answer = await media.enter({ roomId, peerId: name, seat: undefined, rtpCapabilities, may: ALL });
      for (const transport of [answer.entry!.send, answer.entry!.receive]) {
        transport.iceCandidates = transport.iceCandidates.filter(({ protocol, ip }) => `${protocol} ${ip}`.startsWith(way));
        for (const candidate of transport.iceCandidates) candidate.port = await through(Number(candidate.port));
      }
      return answer;
    },
    connect: (transportId: string, dtlsParameters: Opaque) => media.connect(roomId, name, transportId, dtlsParameters),
    produce: (source: Source, rtpParameters: Opaque) => media.produce(roomId, name, { source, rtpParameters, paused: false }),
    consume: (ids: string[]) => media.consume(roomId, name, ids, false),
  };
  // The page calls only the methods above, with what mediasoup-client made for them.
  await page.exposeFunction('call', (method: string, ...args: unknown[]) => methods[method]!(...(args as never[])));
  media.listen((signal) => {
    if (signal.type !== 'consumer' || signal.peerId !== name) return;
    page.evaluate(`addConsumer(${JSON.stringify(signal.consumer)})`).catch(() => {});
  });
  await page.goto(url);
  if (beat) await page.mouse.click(1, 1);
  await page.evaluate(`prepare({ beat: ${beat} })`);
  return page;
}
