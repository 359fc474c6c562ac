import dgram from 'node:dgram';
import os from 'node:os';
import type { types } from 'mediasoup';

/** `listenIp` and `announcedAddress` are for servers behind NAT; `port` absent: any free one. */
export type ListenOptions = { listenIp?: string | undefined; announcedAddress?: string | undefined; port?: number | undefined };

/**
 * Where a worker listens, by UDP and TCP. By default every address of the machine, each with a socket of its own: a reply
 * then always comes from the address that was asked (ICE demands it), which one wildcard socket cannot promise. Loopback
 * comes last: it serves a machine without network.
 */
export async function listenInfos(options: ListenOptions): Promise<types.TransportListenInfo[]> {
  const { announcedAddress, port } = options;
  const given = options.listenIp ?? (announcedAddress && '0.0.0.0');
  const ips = given ? [given] : await usableAddresses();
  return ips.flatMap((ip) =>
    (['udp', 'tcp'] as const).map((protocol) => ({
      protocol,
      ip,
      ...(announcedAddress && { announcedAddress, exposeInternalIp: ip !== '0.0.0.0' && ip !== '::' }),
      ...(port && { port }),
    })),
  );
}

async function usableAddresses(): Promise<string[]> {
  const all = Object.values(os.networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    // A link-local IPv6 address means nothing without a zone, which ICE candidates cannot carry.
    .filter(({ address, family, internal }) => !address.startsWith('fe80:') && !(internal && family === 'IPv6'));
  const sorted = [...all.filter(({ internal }) => !internal), ...all.filter(({ internal }) => internal)];
  const usable = await Promise.all(sorted.map(async ({ address }) => ((await canBind(address)) ? [address] : [])));
  return [...new Set(usable.flat())];
}

/** An address can be listed and yet not be ready (IPv6 duplicate detection): one such must not cost us all others. */
function canBind(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', () => socket.close(() => resolve(false)));
    socket.bind(0, address, () => socket.close(() => resolve(true)));
  });
}
