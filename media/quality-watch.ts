import type { types } from 'mediasoup';
import type { MeasuredPeer } from '../server/contract/media.ts';
import type { QualityReason } from '../server/contract/quality.ts';
import { NOTHING, type Sample, sampleOf, smooth, type TrackWindow } from './quality.ts';

/** What runs between one person and the server. */
export type Flows = {
  send: types.WebRtcTransport;
  receive: types.WebRtcTransport;
  outgoing: { source: string; producer: types.Producer }[];
  incoming: { consumer: types.Consumer }[];
};
type Counters = { packets: number; lost: number; repaired: number; bytes: number; rttMs: number; jitterMs: number };
/** `gaps`: for each packet of a producer that came, how many never did, not even again. */
type Track = { counters: Counters; at: number; score?: number; pace: number; bitrate: number; layers: number; gaps?: number };
/** By producer or consumer id. */
type Look = { before: ReadonlyMap<string, Track>; after: Map<string, Track> };
/** `alive`: see `#alive`. */
type Way = { direction: 'up' | 'down'; alive: boolean | null; samples: { latest: number; smoothed: Sample }[] };

const CLOCK = { audio: 48, video: 90 } as const; // RTP units a millisecond
/** Consumers in trouble whose receiver's reports are read each time; the others are known by mediasoup's own score of them. */
const MOST_READ = 4;
/** The usual fades, so that one busy moment is not the measure for ever. */
const FADE = 0.98;
const LAYERS = 3;

/** Measures the lines of one room, each time over what happened since the last time. */
export class QualityWatch {
  #tracks: Look['before'] = new Map();
  readonly #bytes = new Map<string, number>();
  /** By peer id: of the camera no more layers are sent, on purpose. */
  readonly #limits = new Map<string, number>();

  limit(peerId: string, layers: number): void {
    this.#limits.set(peerId, layers);
  }

  /** A peer without anything to measure yet is not in the answer. */
  async measure(peers: readonly { id: string; flows: Flows }[]): Promise<MeasuredPeer[]> {
    const look: Look = { before: this.#tracks, after: new Map() };
    // All ways up first: what is lost there is missing for everybody further down.
    const up = await aFewAtATime(peers, ({ id, flows }) => this.#up(id, flows, look));
    const down = await aFewAtATime(peers, ({ flows }) => this.#down(flows, look));
    this.#tracks = look.after;
    const known = new Set(peers.map(({ id }) => id));
    for (const id of this.#limits.keys()) if (!known.has(id)) this.#limits.delete(id);
    const lines = new Set(peers.flatMap(({ flows: { send, receive } }) => [send.id, receive.id]));
    for (const id of this.#bytes.keys()) if (!lines.has(id)) this.#bytes.delete(id);
    return peers.flatMap(({ id }, at) => lineOf(id, up[at], down[at]) ?? []);
  }

  async #up(peerId: string, { send, outgoing }: Flows, look: Look): Promise<Way> {
    const running = outgoing.filter(({ producer }) => !producer.closed && !producer.paused);
    const alive = await this.#alive(send, running.length > 0);
    const samples = await Promise.all(
      running.map(async ({ source, producer }) => {
        const { track, window } = await this.#uplink(peerId, source, producer, look.before.get(producer.id));
        return judge(look, producer.id, track, alive === false ? dead('up') : window && sampleOf(window));
      }),
    );
    return { direction: 'up', alive, samples: samples.filter((sample) => sample !== null) };
  }

  async #down({ receive, incoming }: Flows, look: Look): Promise<Way> {
    const running = incoming.map(({ consumer }) => consumer).filter((consumer) => !consumer.closed && !consumer.producerPaused);
    const alive = await this.#alive(receive, running.length > 0);
    const samples = await Promise.all(
      read(running).map(async (standing) => {
        const { consumer } = standing;
        const { track, window } = await this.#downlink(standing, look);
        return judge(look, consumer.id, track, alive === false ? dead('down') : window && heard(consumer, window));
      }),
    );
    return { direction: 'down', alive, samples: samples.filter((sample) => sample !== null) };
  }

  /**
   * Does anything come from the other end? A dead line looks perfect to mediasoup: no report says otherwise. True and false by bytes (media,
   * RTCP, and ICE, whose checks come every 2.5 s); null while that cannot be said, for nothing runs over it.
   */
  async #alive(transport: types.WebRtcTransport, used: boolean): Promise<boolean | null> {
    const [stats] = transport.closed ? [] : await transport.getStats();
    const bytes = stats?.bytesReceived ?? 0;
    const before = this.#bytes.get(transport.id);
    this.#bytes.set(transport.id, bytes);
    if (before === undefined || (!used && bytes === 0)) return null;
    return bytes > before;
  }

  async #uplink(peerId: string, source: string, producer: types.Producer, before: Track | undefined) {
    const stats = await producer.getStats();
    const sum = (of: (stat: types.ProducerStat) => number) => stats.reduce((total, stat) => total + of(stat), 0);
    const flowing = stats.filter(({ score }) => score > 0);
    const counters = {
      packets: sum(({ packetCount }) => packetCount),
      lost: sum(({ packetsLost }) => packetsLost),
      repaired: sum(({ packetsRepaired }) => packetsRepaired),
      bytes: sum(({ byteCount }) => byteCount),
      rttMs: Math.max(0, ...stats.map(({ roundTripTime = 0 }) => roundTripTime)),
      jitterMs: Math.max(0, ...flowing.map(({ jitter }) => jitter / CLOCK[producer.kind])),
    };
    const simulcast = producer.type === 'simulcast';
    const limit = simulcast ? (this.#limits.get(peerId) ?? LAYERS) : 1;
    const layers = simulcast ? flowing.length : 1;
    const most = Math.min(limit, Math.max(layers, before?.layers ?? 0));
    // With layers switched off on purpose the usual bitrate is another one.
    const usual = simulcast && limit < LAYERS ? 0 : undefined;
    const { track, window } = windowOf(producer.kind, 'up', counters, before, {
      layers: Math.min(layers, most),
      most,
      usual: source === 'camera' ? usual : 0,
    });
    const gone = window ? Math.max(0, window.lost - window.repaired) : 0;
    return { track: { ...track, gaps: window ? gone / Math.max(1, window.packets) : 0 }, window };
  }

  async #downlink({ consumer, wanted, missing }: Standing, { before, after }: Look) {
    const stats = await consumer.getStats();
    // By mediasoup's types either of both; the outgoing one has this type in `type`.
    const out = stats.find(({ type }) => type === 'outbound-rtp') as types.ConsumerStat | undefined;
    const counters = {
      packets: out?.packetCount ?? 0,
      lost: out?.packetsLost ?? 0,
      repaired: out?.packetsRetransmitted ?? 0,
      bytes: out?.byteCount ?? 0,
      rttMs: out?.roundTripTime ?? 0,
      jitterMs: (out?.jitter ?? 0) / CLOCK[consumer.kind],
    };
    const shape = { layers: wanted - missing, most: wanted, usual: 0 };
    const { track, window } = windowOf(consumer.kind, 'down', counters, before.get(consumer.id), shape);
    if (!window) return { track, window };
    // The receiver's reports count the gaps that the way up has left, too; they are some seconds old.
    const gaps = Math.max(0, ...[before, after].map((tracks) => tracks.get(consumer.producerId)?.gaps ?? 0));
    return { track, window: { ...window, lost: Math.max(0, window.lost - window.packets * gaps) } };
  }
}

/** Others speak to the worker, too. What fails, because it has just been closed, is null. */
async function aFewAtATime<T, R>(all: readonly T[], ask: (one: T) => Promise<R>): Promise<(R | null)[]> {
  const answers: (R | null)[] = [];
  for (let at = 0; at < all.length; at += 10)
    answers.push(...(await Promise.all(all.slice(at, at + 10).map((one) => ask(one).catch(() => null)))));
  return answers;
}

const dead = (direction: Way['direction']): Sample => ({ score: NOTHING, reasons: [{ what: 'silence', direction, value: 0 }] });

/** Keeps the track for the next look, with its score smoothed over the looks. */
function judge({ before, after }: Look, id: string, track: Track, sample: Sample | null): Way['samples'][number] | null {
  const last = before.get(id)?.score;
  const score = sample ? smooth(last, sample.score) : last;
  after.set(id, { ...track, ...(score === undefined ? {} : { score }) });
  return sample && { latest: sample.score, smoothed: { ...sample, score: score! } };
}

/** A person's line is as good as their worst track. */
function lineOf(peerId: string, ...both: (Way | null | undefined)[]): MeasuredPeer | null {
  const ways = both.filter((way) => way != null);
  if (ways.length < both.length) return null;
  const samples = ways.flatMap((way) => way.samples);
  const lost = ways.find(({ alive }) => alive === false);
  if (lost) samples.push({ latest: NOTHING, smoothed: dead(lost.direction) });
  if (!samples.length) return ways.every(({ alive }) => alive === null) ? null : { peerId, score: 100, latest: 100, reasons: [] };
  return {
    peerId,
    score: Math.min(...samples.map(({ smoothed }) => smoothed.score)),
    latest: Math.min(...samples.map(({ latest }) => latest)),
    reasons: worst(samples.map(({ smoothed }) => smoothed)),
  };
}

/** `wanted`: layers of a picture that the receiver asked for and the sender sends. `trouble`: 0 is none. */
type Standing = { consumer: types.Consumer; wanted: number; missing: number; trouble: number };

/** How it is by what mediasoup says by itself, asked once: each of its answers is a deep copy. */
function standingOf(consumer: types.Consumer): Standing {
  const { score, producerScores } = consumer.score;
  const inTrouble = Number(consumer.paused) * 20 + 10 - score;
  if (consumer.type !== 'simulcast') return { consumer, wanted: 1, missing: 0, trouble: inTrouble };
  const sent = producerScores.findLastIndex((one) => one > 0);
  const top = Math.min(consumer.preferredLayers?.spatialLayer ?? LAYERS - 1, sent);
  const missing = Math.max(0, top - (consumer.currentLayers?.spatialLayer ?? -1));
  return { consumer, wanted: Math.max(1, top + 1), missing, trouble: inTrouble + missing };
}

/** What is in most trouble; of what is in none one sound and one picture, which run over the same line. */
function read(incoming: readonly types.Consumer[]): Standing[] {
  const running = incoming.filter((consumer) => consumer.kind === 'audio' || !consumer.paused).map(standingOf);
  const troubled = running.filter(({ trouble }) => trouble > 0).toSorted((one, other) => other.trouble - one.trouble);
  const well = (kind: types.MediaKind) => running.find(({ consumer, trouble }) => consumer.kind === kind && trouble === 0) ?? [];
  return [...troubled.slice(0, MOST_READ), well('audio'), well('video')].flat().slice(0, MOST_READ);
}

/** Sound that this person was never given is not heard; that the other one says nothing is no fault of the line. */
function heard(consumer: types.Consumer, window: TrackWindow): Sample | null {
  if (consumer.paused) return { score: 40, reasons: [{ what: 'unheard', direction: 'down', value: 0 }] };
  return window.packets === 0 ? null : sampleOf(window);
}

type Shape = { layers: number; most: number; usual: number | undefined };
/** `window` undefined: the first look, which is what the next one is compared with. */
function windowOf(
  kind: types.MediaKind,
  direction: 'up' | 'down',
  counters: Counters,
  before: Track | undefined,
  { layers, most, usual }: Shape,
) {
  const at = performance.now();
  const seconds = before ? Math.max(0.001, (at - before.at) / 1000) : 0;
  const since = (name: keyof Counters) => Math.max(0, counters[name] - (before?.counters[name] ?? 0));
  const [pace, bitrate] = before ? [since('packets') / seconds, (since('bytes') * 8) / seconds] : [0, 0];
  const track: Track = {
    ...{ counters, at, layers: most },
    pace: Math.max(pace, (before?.pace ?? 0) * FADE),
    bitrate: usual === 0 ? 0 : Math.max(bitrate, (before?.bitrate ?? 0) * FADE),
  };
  const window: TrackWindow | null = before
    ? {
        ...{ kind, direction, pace, bitrate, layers },
        ...{ packets: since('packets'), lost: since('lost'), repaired: since('repaired') },
        ...{ rttMs: counters.rttMs, jitterMs: Math.min(200, counters.jitterMs) },
        ...{ usualPace: track.pace, usualBitrate: track.bitrate, wantedLayers: most },
      }
    : null;
  return { track, window };
}

const MOST_REASONS = 3;
/** Of the worst tracks first, each kind of reason once for each direction. */
function worst(samples: readonly Sample[]): QualityReason[] {
  const sorted = samples.toSorted((a, b) => a.score - b.score).flatMap(({ reasons }) => reasons);
  const first = new Map<string, QualityReason>();
  for (const reason of sorted)
    if (!first.has(`${reason.what} ${reason.direction}`)) first.set(`${reason.what} ${reason.direction}`, reason);
  return [...first.values()].slice(0, MOST_REASONS);
}
