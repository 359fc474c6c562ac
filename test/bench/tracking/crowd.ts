/** A hundred senders of sound and of three layers of picture, in a process of its own. What is sent back to it is left unread. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import { answer } from '../child.ts';

/** A stream into a transport of the worker; `perSecond` packets of `bytes` each. */
export type SentStream = { port: number; ssrc: number; kind: 'audio' | 'video'; perSecond: number; bytes: number; loud: boolean };

const LOCAL = '127.0.0.1';
const TURN_MS = 20;
const LOUD = 20; // -dBov
const SILENT = 127;

const socket = dgram.createSocket('udp4').bind(0, LOCAL);
const sink = dgram.createSocket('udp4').bind(0, LOCAL);
await once(sink, 'listening');

function packetOf({ ssrc, kind, bytes, loud }: SentStream): Buffer {
  const head = kind === 'audio' ? 20 : 12;
  const packet = Buffer.alloc(head + bytes, 7);
  packet.fill(0, 0, head);
  packet[0] = kind === 'audio' ? 0x90 : 0x80;
  packet[1] = kind === 'audio' ? 111 : 0x80 | 96;
  packet.writeUInt32BE(ssrc, 8);
  if (kind === 'audio') {
    packet.writeUInt32BE(0xbede0001, 12); // one word of extensions of one byte (RFC 8285)
    packet[16] = 0x10;
    packet[17] = loud ? 0x80 | LOUD : SILENT;
  } else packet.set([0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00], head); // every frame a key frame of 320×180
  return packet;
}

answer({
  sink: () => sink.address().port,
  send(streams: SentStream[]): void {
    const sent = streams.map((stream) => ({ ...stream, packet: packetOf(stream), sequence: 0, due: 0 }));
    const began = performance.now();
    setInterval(() => {
      const now = performance.now() - began;
      for (const stream of sent) {
        const every = 1_000 / stream.perSecond;
        for (; stream.due <= now; stream.due += every) {
          stream.packet.writeUInt16BE(stream.sequence++ & 0xffff, 2);
          stream.packet.writeUInt32BE(Math.round(stream.due * (stream.kind === 'audio' ? 48 : 90)) >>> 0, 4);
          socket.send(Buffer.from(stream.packet), stream.port, LOCAL);
        }
      }
    }, TURN_MS);
  },
});
