import { networkInterfaces } from 'node:os';

/** Names under which this machine is reached: a wildcard means itself, and every address on its networks. */
export function hostsOf(host: string): string[] {
  if (host !== '::' && host !== '0.0.0.0') return [host.includes(':') ? `[${host}]` : host];
  const others = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return ['localhost', ...others.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address)];
}
