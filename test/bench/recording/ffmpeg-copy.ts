import { type ChildProcess, spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { types } from 'mediasoup';

/** FFmpeg wants an even port for RTP; RTCP takes the next one. */
async function evenPort(): Promise<number> {
  for (;;) {
    const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    socket.close();
    if (port % 2 === 0) return port;
  }
}

/** What one would do without a recorder of one's own: FFmpeg copies the streams of one participant into a file. */
export async function ffmpegCopy(
  router: types.Router,
  producers: types.Producer[],
  file: string,
): Promise<{ process: ChildProcess; stop: () => Promise<void> }> {
  const consumers: types.Consumer[] = [];
  const transports: types.PlainTransport[] = [];
  const sdp = ['v=0', 'o=- 0 0 IN IP4 127.0.0.1', 's=bench', 'c=IN IP4 127.0.0.1', 't=0 0'];
  for (const producer of producers) {
    const port = await evenPort();
    const listen = { protocol: 'udp', ip: '127.0.0.1' } as const;
    const transport = await router.createPlainTransport({ listenInfo: listen, rtcpListenInfo: listen, rtcpMux: false });
    await transport.connect({ ip: '127.0.0.1', port, rtcpPort: port + 1 });
    const consumer = await transport.consume({ producerId: producer.id, rtpCapabilities: router.rtpCapabilities, paused: true });
    const { payloadType, mimeType, clockRate, channels } = consumer.rtpParameters.codecs[0]!;
    sdp.push(`m=${producer.kind} ${port} RTP/AVPF ${payloadType}`, `a=rtcp:${port + 1}`);
    sdp.push(`a=rtpmap:${payloadType} ${mimeType.split('/')[1]}/${clockRate}${channels ? '/2' : ''}`, 'a=recvonly');
    consumers.push(consumer);
    transports.push(transport);
  }
  await writeFile(`${file}.sdp`, `${sdp.join('\n')}\n`);
  const input = ['-protocol_whitelist', 'file,udp,rtp', '-fflags', '+genpts', '-i', `${file}.sdp`];
  const child = spawn('ffmpeg', ['-nostdin', '-loglevel', 'error', '-y', ...input, '-map', '0', '-c', 'copy', file], { stdio: 'ignore' });
  await sleep(1_500); // there is no way to know when it listens
  for (const consumer of consumers) await consumer.resume();
  return {
    process: child,
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGINT');
      await gone;
      for (const transport of transports) transport.close();
    },
  };
}
