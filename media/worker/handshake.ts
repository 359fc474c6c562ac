/**
 * Program of the smoke test: `node handshake.ts <worker binary>`. Opens a WebRTC transport as DTLS client, completes ICE by
 * hand with one STUN request, and waits for the worker's ClientHello. Exit 0: it came.
 */
import { createHmac } from 'node:crypto';
import dgram from 'node:dgram';
import { crc32 } from 'node:zlib';
import { createWorker } from 'mediasoup';

const TIMEOUT_MS = 10_000;
const DTLS_HANDSHAKE = 22;

const fail = (why: string): never => {
  console.error(why);
  process.exit(1);
};

/** One STUN attribute: type, length, value padded to 4 bytes (RFC 8489 §14). */
function attribute(type: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(value.length, 2);
  value.copy(bytes, 4);
  return bytes;
}

function bindingRequest(usernameFragment: string, password: string): Buffer {
  const header = Buffer.from(`000100002112a442${'00'.repeat(12)}`, 'hex');
  let request = Buffer.concat([
    header,
    attribute(0x0006, Buffer.from(`${usernameFragment}:peer`)), // USERNAME
    attribute(0x0024, Buffer.from([0x6e, 0, 1, 0xff])), // PRIORITY
    attribute(0x802a, Buffer.alloc(8, 1)), // ICE-CONTROLLING
    attribute(0x0025, Buffer.alloc(0)), // USE-CANDIDATE
  ]);
  // Each seal covers what precedes it, with the length field already counting the seal itself.
  const seal = (type: number, size: number, value: (bytes: Buffer) => Buffer) => {
    request.writeUInt16BE(request.length - header.length + 4 + size, 2);
    request = Buffer.concat([request, attribute(type, value(request))]);
  };
  seal(0x0008, 20, (bytes) => createHmac('sha1', password).update(bytes).digest()); // MESSAGE-INTEGRITY
  seal(0x8028, 4, (bytes) => {
    const checksum = Buffer.alloc(4); // FINGERPRINT
    checksum.writeUInt32BE((crc32(bytes) ^ 0x5354554e) >>> 0);
    return checksum;
  });
  return request;
}

setTimeout(fail, TIMEOUT_MS, `no DTLS ClientHello within ${TIMEOUT_MS / 1000} s`);
const worker = await createWorker({ workerBin: process.argv[2] ?? fail('usage: handshake.ts <worker binary>') });
worker.on('died', (error) => fail(error.message));
const router = await worker.createRouter({ mediaCodecs: [{ kind: 'audio', mimeType: 'audio/opus', clockRate: 48000, channels: 2 }] });
const transport = await router.createWebRtcTransport({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }] });
const fingerprint = { algorithm: 'sha-256', value: Array(32).fill('AA').join(':') } as const;
await transport.connect({ dtlsParameters: { role: 'server', fingerprints: [fingerprint] } });

const socket = dgram.createSocket('udp4');
const hello = new Promise<void>((resolve) => socket.on('message', (packet) => packet[0] === DTLS_HANDSHAKE && resolve()));
const candidate = transport.iceCandidates[0] ?? fail('the transport has no candidate');
socket.send(bindingRequest(transport.iceParameters.usernameFragment, transport.iceParameters.password), candidate.port, '127.0.0.1');
await hello;
await worker.getResourceUsage();
process.exit(0);
