import { execFile, spawn } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { types } from 'mediasoup';

const run = promisify(execFile);
const quiet = ['-nostdin', '-hide_banner', '-loglevel', 'error'];
let ssrc = 50_000_000;

/** A clip of `seconds` with a white flash and a 1 kHz beep of 100 ms at every even (`odd`: odd) second, 640×360 at 25 Hz in VP8 and Opus. */
export async function makeClip(
  folder: string,
  seconds: number,
  { hue = 0, key = 75, size = '640x360', rate = 25, kbps = 900, odd = false } = {},
): Promise<string> {
  const file = path.join(folder, `clip-${seconds}-${hue}-${key}-${size}-${odd ? 'odd' : 'even'}.webm`);
  const beat = `gte(t,0.9)*lt(mod(t+${odd ? 1 : 2},2),0.1)`;
  const graph = [
    `[0:v]drawbox=c=white:t=fill:enable='${beat}'[v]`,
    `[1:a]volume=volume='if(${beat},6,0)':eval=frame,asetnsamples=480[a]`,
  ].join(';');
  const inputs = ['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=${rate}:d=${seconds},hue=h=${hue},eq=brightness=-0.3`];
  const sound = ['-f', 'lavfi', '-i', `sine=f=1000:r=48000:d=${seconds}`];
  const video = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', `${kbps}k`, '-g', String(key)];
  const audio = ['-c:a', 'libopus', '-b:a', '40k', '-ac', '2', '-frame_duration', '20'];
  await run('ffmpeg', [
    ...quiet,
    '-y',
    ...inputs,
    ...sound,
    '-filter_complex',
    graph,
    '-map',
    '[v]',
    '-map',
    '[a]',
    ...video,
    ...audio,
    file,
  ]);
  return file;
}

export type Feed = { audio: types.Producer; video: types.Producer; stop: () => void };

/** Somebody who sends a clip, over and over, as RTP. */
export async function feed(router: types.Router, clip: string): Promise<Feed> {
  const make = async (kind: types.MediaKind) => {
    const listen = { protocol: 'udp', ip: '127.0.0.1' } as const;
    const transport = await router.createPlainTransport({ listenInfo: listen, rtcpListenInfo: listen, rtcpMux: false, comedia: true });
    const own = ssrc++;
    const codec =
      kind === 'audio'
        ? { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }
        : { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 };
    const rtpParameters = { codecs: [codec], encodings: [{ ssrc: own }], rtcp: { cname: `feed-${own}` } };
    const producer = await transport.produce({ kind, rtpParameters });
    const url = `rtp://127.0.0.1:${transport.tuple.localPort}?rtcpport=${transport.rtcpTuple!.localPort}&pkt_size=1200`;
    return {
      transport,
      producer,
      output: ['-c', 'copy', '-ssrc', String(own), '-payload_type', String(codec.payloadType), '-f', 'rtp', url],
    };
  };
  const [audio, video] = [await make('audio'), await make('video')];
  const input = ['-re', '-stream_loop', '-1', '-i', clip];
  const child = spawn('ffmpeg', [...quiet, ...input, '-map', '0:a', ...audio.output, '-map', '0:v', ...video.output], { stdio: 'ignore' });
  return {
    audio: audio.producer,
    video: video.producer,
    stop: () => {
      child.kill('SIGKILL');
      audio.transport.close();
      video.transport.close();
    },
  };
}

/** A part of a file, in seconds; what is found in it is counted from its beginning. */
type Part = { from: number; seconds: number };
const inputOf = (file: string, part: Part | undefined): string[] => [
  ...(part ? ['-ss', String(part.from), '-t', String(part.seconds)] : []),
  ...['-i', file],
];

/** Seconds at which the picture of a file turns bright. */
export async function flashes(file: string, part?: Part): Promise<number[]> {
  const filter = 'scale=64:36,signalstats,metadata=mode=print:key=lavfi.signalstats.YAVG:file=-';
  const { stdout } = await run(
    'ffmpeg',
    [...quiet, ...inputOf(file, part), '-map', '0:v', '-vf', filter, '-fps_mode', 'passthrough', '-f', 'null', '-'],
    {
      maxBuffer: 1e9,
    },
  );
  const found: number[] = [];
  let [at, before] = [0, 255];
  for (const line of stdout.split('\n')) {
    at = Number(/pts_time:([\d.]+)/.exec(line)?.[1] ?? at);
    const luma = Number(/YAVG=([\d.]+)/.exec(line)?.[1] ?? Number.NaN);
    if (Number.isNaN(luma)) continue;
    if (luma - before > 25 && at - (found.at(-1) ?? -9) > 0.5) found.push(at);
    before = luma;
  }
  return found;
}

/** Seconds at which the sound of a file gets loud. */
export async function beeps(file: string, part?: Part): Promise<number[]> {
  // What the time stamps leave out becomes silence.
  const filter = 'aresample=48000:async=1:min_hard_comp=0.01:first_pts=0';
  const { stdout } = await run('ffmpeg', [...quiet, ...inputOf(file, part), '-map', '0:a', '-af', filter, '-ac', '1', '-f', 's16le', '-'], {
    encoding: 'buffer',
    maxBuffer: 1e9,
  });
  const found: number[] = [];
  let silent = 48_000;
  for (let at = 0; at + 1 < stdout.length; at += 2) {
    if (Math.abs(stdout.readInt16LE(at)) <= 4000) silent++;
    else {
      if (silent > 4800) found.push(at / 2 / 48_000);
      silent = 0;
    }
  }
  return found;
}

/** Ms by which each beep is later than its flash. */
export const offsets = (seen: number[], heard: number[]): number[] =>
  seen.flatMap((flash) => {
    const [nearest] = heard.map((beep) => (beep - flash) * 1000).toSorted((a, b) => Math.abs(a) - Math.abs(b));
    return nearest !== undefined && Math.abs(nearest) < 900 ? [nearest] : [];
  });

/** Seconds of a file that play, by decoding all of it; rejects when FFmpeg finds it broken. */
export async function playable(file: string): Promise<number> {
  const { stdout } = await run('ffmpeg', [...quiet, '-xerror', '-i', file, '-map', '0', '-f', 'null', '-progress', 'pipe:1', '-'], {
    maxBuffer: 1e9,
  });
  return Number(/out_time_us=(\d+)(?![\s\S]*out_time_us=\d)/.exec(stdout)?.[1] ?? 0) / 1e6;
}

export async function probe(file: string): Promise<{ duration: number; streams: string[]; size: number[] }> {
  const { stdout } = await run('ffprobe', [
    '-v',
    'error',
    '-show_entries',
    'format=duration:stream=codec_name,width,height',
    '-of',
    'json',
    file,
  ]);
  const { format, streams } = JSON.parse(stdout) as {
    format: { duration?: string };
    streams: { codec_name: string; width?: number; height?: number }[];
  };
  const [picture] = streams.filter(({ width }) => width);
  return {
    duration: Number(format.duration ?? Number.NaN),
    streams: streams.map(({ codec_name }) => codec_name),
    size: picture ? [picture.width!, picture.height!] : [],
  };
}
