import { isIP } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import Schema from 'typebox/schema';
import { Type } from 'typebox';
import { IceServer } from './contract/media.ts';

/* Each reads the text of one variable, or throws a RangeError whose message completes the sentence "NAME …". */

export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) throw new RangeError(`must be a whole number from ${least} to ${most}`);
    return value;
  };

/** 0 lets the system choose. */
export const port = wholeNumber(0, 65_535);

/** `::` also takes IPv4, but does not exist where IPv6 is switched off. */
export function defaultHost(): string {
  const addresses = Object.values(os.networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.some(({ family }) => family === 'IPv6') ? '::' : '0.0.0.0';
}

export function hostName(text: string): string {
  if (isIP(text) === 0 && !/^[a-z\d]([a-z\d.-]*[a-z\d])?$/i.test(text)) throw new RangeError('must be an IP address or a host name');
  return text;
}

export function ipAddress(text: string): string {
  if (isIP(text) === 0) throw new RangeError('must be an IP address');
  return text;
}

export function line(text: string): string {
  if (/\p{Cc}/u.test(text)) throw new RangeError('must be one line');
  return text;
}

export const folder = (text: string): string => path.resolve(text);
export const file = folder;

function url(text: string, protocols: readonly string[], rule: string): URL {
  const parsed = URL.parse(text);
  if (!parsed || !protocols.includes(parsed.protocol) || parsed.hostname === '') throw new RangeError(rule);
  return parsed;
}

export function postgresUrl(text: string): string {
  url(text, ['postgres:', 'postgresql:'], 'must look like postgresql://user:password@host:5432/database');
  return text;
}

export function redisUrl(text: string): string {
  url(text, ['redis:', 'rediss:'], 'must look like redis://host:6379');
  return text;
}

export function origin(text: string): string {
  const rule = 'must be an address such as https://meet.example.org, without a path';
  const parsed = url(text, ['http:', 'https:'], rule);
  if (parsed.pathname !== '/' || parsed.search !== '' || parsed.hash !== '' || parsed.username !== '') throw new RangeError(rule);
  return parsed.origin;
}

/** As Fastify's `trustProxy` takes it. */
export function trustedProxy(text: string): boolean | number | string[] {
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^\d+$/.test(text)) return wholeNumber(1, 32)(text);
  const networks = text.split(',').map((part) => part.trim());
  const named = ['loopback', 'linklocal', 'uniquelocal'];
  const known = networks.every((network) => {
    const [address = '', bits] = network.split('/');
    const longest = isIP(address) === 6 ? 128 : 32;
    return named.includes(network) || (isIP(address) !== 0 && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= longest)));
  });
  if (!known) throw new RangeError('must be true, false, a number of hops, or addresses such as 10.0.0.0/8 separated by commas');
  return networks;
}

export function secretText(text: string): string {
  if (text.length < 32) throw new RangeError('must have at least 32 characters');
  return text;
}

export function adminEmail(text: string): string {
  if (text.length > 254 || !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)) throw new RangeError('must be an e-mail address');
  return text;
}

export function adminPassword(text: string): string {
  if (text.length < 10 || text.length > 200) throw new RangeError('must have 10 to 200 characters');
  return text;
}

/** Requests per minute and actor, or `off`. */
export function rateLimit(text: string): number | 'off' {
  if (text === 'off') return 'off';
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new RangeError('must be a whole number of requests per minute from 1 to 9999999, or off');
  return Number(text);
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export function logLevel(text: string): (typeof LOG_LEVELS)[number] {
  const level = LOG_LEVELS.find((known) => known === text.toLowerCase());
  if (!level) throw new RangeError(`must be one of ${LOG_LEVELS.join(', ')}`);
  return level;
}

const IceServers = Type.Array(IceServer);
export function iceServers(text: string): IceServer[] {
  const rule = 'must be a JSON list such as [{"urls":["stun:stun.example.org"]}]';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RangeError(rule);
  }
  if (!Schema.Check(IceServers, value)) throw new RangeError(rule);
  return value;
}
