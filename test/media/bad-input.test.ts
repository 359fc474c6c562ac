import { observer, type types } from 'mediasoup';
import t, { type Test } from 'tap';
import { RTP_CAPABILITIES } from '../../media/codecs.ts';
import type { Opaque } from '../../server/contract/media.ts';
import { ALL, codeOf, openStudio, opus, vp8 } from './studio.ts';

const workers: types.Worker[] = [];
observer.on('newworker', (worker) => workers.push(worker));
const { media, roomId, enter, signals } = await openStudio();
t.teardown(() => media.close());

const GARBAGE = [null, '', 'x'.repeat(5_000), -1, 0, 0.5, 2 ** 40, 1e300, true, [], {}, [null], { a: { b: [] } }, '\u0000', [[]]];

/** The value with one leaf or branch replaced, for every such place. */
function* mutations(value: unknown, bad: unknown): Generator<unknown> {
  yield bad;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    for (const mutated of mutations(part, bad)) {
      yield Array.isArray(value) ? value.map((old, index) => (String(index) === key ? mutated : old)) : { ...value, [key]: mutated };
    }
  }
}

/** Somebody else in the room can still do everything, on the same worker as ever. */
async function unmoved(t: Test): Promise<void> {
  const witness = await enter('witness');
  await media.produce(roomId, 'witness', { source: 'microphone', rtpParameters: opus(), paused: false });
  t.ok(witness.entry);
  t.equal(workers.length, 1, 'the worker has not died');
  t.equal(signals.filter(({ type }) => type === 'moved').length, 0);
}

t.test('garbage as RTP parameters is INVALID_INPUT, and nobody else notices', async (t) => {
  const listener = await enter('listener');
  t.ok(listener.entry);
  await enter('a');
  const codes = new Map<string | undefined, number>();
  for (const [source, make] of [['microphone', opus] as const, ['camera', vp8] as const]) {
    for (const bad of GARBAGE) {
      for (const mutated of mutations(make(), bad)) {
        // The contract's schema lets only objects through.
        if (typeof mutated !== 'object' || mutated === null || Array.isArray(mutated)) continue;
        const code = await codeOf(media.produce(roomId, 'a', { source, rtpParameters: mutated as Opaque, paused: false }));
        codes.set(code, (codes.get(code) ?? 0) + 1);
        if (code === 'NOT_FOUND') await enter('a');
      }
    }
  }
  t.ok((codes.get('INVALID_INPUT') ?? 0) > 100, JSON.stringify([...codes]));
  t.ok(
    [...codes.keys()].every((code) => code === undefined || code === 'INVALID_INPUT'),
    'some mutations are harmless, the others INVALID_INPUT',
  );
  await unmoved(t);
});

t.test('a camera cannot be sent as microphone', async (t) => {
  await enter('a');
  t.equal(await codeOf(media.produce(roomId, 'a', { source: 'microphone', rtpParameters: vp8(), paused: false })), 'INVALID_INPUT');
});

t.test('garbage as DTLS parameters is INVALID_INPUT', async (t) => {
  const { entry } = await enter('a');
  const valid = { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill('AB').join(':') }] };
  for (const bad of GARBAGE) {
    for (const mutated of mutations(valid, bad)) {
      if (typeof mutated !== 'object' || mutated === null || Array.isArray(mutated)) continue;
      const code = await codeOf(media.connect(roomId, 'a', entry!.send.id, mutated as Opaque));
      t.ok(code === 'INVALID_INPUT' || code === undefined, `${code} for ${JSON.stringify(mutated).slice(0, 200)}`);
    }
  }
  await unmoved(t);
});

t.test('garbage as RTP capabilities is INVALID_INPUT, and the running seat stays', async (t) => {
  const { seat } = await enter('a');
  for (const rtpCapabilities of [
    { codecs: 'x' },
    { codecs: [{}] },
    { codecs: [null] },
    { headerExtensions: [{ kind: 'smell' }] },
  ] as Opaque[]) {
    const code = await codeOf(media.enter({ roomId, peerId: 'a', seat: undefined, rtpCapabilities, may: ALL }));
    t.equal(code, 'INVALID_INPUT', JSON.stringify(rtpCapabilities));
    t.throws(() => media.checkCapabilities(rtpCapabilities), { code: 'INVALID_INPUT' });
  }
  t.equal(
    await codeOf(media.enter({ roomId: 'fresh', peerId: 'a', seat: undefined, rtpCapabilities: { codecs: [null] }, may: ALL })),
    'INVALID_INPUT',
  );
  t.same(media.states('fresh'), {});
  t.equal((await enter('a', { seat })).entry, null);
});

t.test('garbage capabilities that pass do not harm who sends', async (t) => {
  await enter('sender');
  for (const bad of GARBAGE) {
    for (const mutated of mutations({ ...RTP_CAPABILITIES, codecs: RTP_CAPABILITIES.codecs?.slice(0, 2), headerExtensions: [] }, bad)) {
      if (typeof mutated !== 'object' || mutated === null || Array.isArray(mutated)) continue;
      await codeOf(media.enter({ roomId, peerId: 'strange', seat: undefined, rtpCapabilities: mutated as Opaque, may: ALL }));
      t.equal(await codeOf(media.produce(roomId, 'sender', { source: 'camera', rtpParameters: vp8(), paused: false })), undefined);
    }
  }
  await unmoved(t);
});
