import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createSecureContext } from 'node:tls';
import {
  adminEmail,
  adminPassword,
  defaultHost,
  file,
  folder,
  hostName,
  iceServers,
  ipAddress,
  line,
  logLevel,
  origin,
  port,
  postgresUrl,
  rateLimit,
  redisUrl,
  secretText,
  trustedProxy,
  wholeNumber,
} from './config-values.ts';
import { StartError } from './kernel/start-error.ts';

/** One environment variable. `read` turns its text into the value, or throws a RangeError that names the rule. */
type Variable<T> = { name: string; shown: string; fallback: () => T; doc: string; read: (text: string) => T };
/** `shown` is the default as the README names it. */
const variable = <T, F>(name: string, read: (text: string) => T, shown: string, fallback: () => F, doc: string): Variable<T | F> => ({
  name,
  read,
  shown,
  fallback,
  doc,
});
const none = () => undefined;

/** Every variable that the server reads. The README's table is made from this one. */
export const variables = {
  port: variable('PORT', port, '3000', () => 3000, 'TCP port of pages, API and socket.'),
  host: variable('HOST', hostName, 'every address', defaultHost, 'Address to listen on; `127.0.0.1` for this machine alone.'),
  dataDir: variable('DATA_DIR', folder, './data', () => path.resolve('data'), 'Folder that holds everything that must survive.'),
  databaseUrl: variable('DATABASE_URL', postgresUrl, 'embedded', none, 'A PostgreSQL of yours, 18 or newer, instead of the embedded one.'),
  redisUrl: variable('REDIS_URL', redisUrl, 'none', none, 'Redis that joins several server processes into one Muster.'),
  publicUrl: variable('PUBLIC_URL', origin, 'as listened on', none, 'Address that people use when it differs, `https://meet.example.org`.'),
  trustProxy: variable(
    'TRUST_PROXY',
    trustedProxy,
    'false',
    () => false as const,
    'Whose `X-Forwarded-*` headers count: `true`, a number of hops, or addresses and networks separated by commas.',
  ),
  tlsCert: variable('TLS_CERT', file, 'none', none, 'Certificate chain (PEM file); with `TLS_KEY` the server speaks HTTPS itself.'),
  tlsKey: variable('TLS_KEY', file, 'none', none, 'Private key (PEM file) of `TLS_CERT`.'),
  secret: variable(
    'MUSTER_SECRET',
    secretText,
    'generated once',
    none,
    'At least 32 characters that sign cookies and links; else `DATA_DIR/secret`.',
  ),
  adminEmail: variable(
    'MUSTER_ADMIN_EMAIL',
    adminEmail,
    'none',
    none,
    'With the password: the first administrator, instead of a printed link.',
  ),
  adminPassword: variable('MUSTER_ADMIN_PASSWORD', adminPassword, 'none', none, 'Password of that administrator, at least 10 characters.'),
  rateLimit: variable('RATE_LIMIT', rateLimit, '600', () => 600, 'Requests per minute and person (or address); `off` for load tests.'),
  logLevel: variable(
    'LOG_LEVEL',
    logLevel,
    'info',
    () => 'info' as const,
    '`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`.',
  ),
  mediaListenIp: variable('MEDIA_LISTEN_IP', ipAddress, 'every address', none, 'Address for camera and microphone traffic.'),
  mediaAnnouncedAddress: variable(
    'MEDIA_ANNOUNCED_ADDRESS',
    hostName,
    'as listened on',
    none,
    'Address that browsers use for media, behind NAT.',
  ),
  mediaPort: variable('MEDIA_PORT', port, 'free ports', none, 'First media port (UDP and TCP); each media worker takes the next one.'),
  mediaWorkers: variable('MEDIA_WORKERS', wholeNumber(1, 256), 'one per core', none, 'Number of media workers.'),
  mediaWorkerBin: variable('MEDIASOUP_WORKER_BIN', file, 'found or built', none, 'A mediasoup worker binary to use.'),
  recordingDays: variable(
    'RECORDING_DAYS',
    wholeNumber(1, 36_500),
    'for ever',
    none,
    'Recordings are deleted so many days after they are ready, or have failed.',
  ),
  recordingQuota: variable('RECORDING_QUOTA_GB', wholeNumber(1, 1_000_000), 'none', none, 'Gigabytes of all recordings together.'),
  ffmpegBin: variable('FFMPEG_BIN', file, '`ffmpeg` on the path', none, 'The FFmpeg that makes the file to watch.'),
  s3Endpoint: variable('S3_ENDPOINT', origin, "Amazon's", none, 'S3-compatible server, `https://s3.example.org`.'),
  s3Region: variable('S3_REGION', line, 'us-east-1', () => 'us-east-1', 'Region of the bucket.'),
  s3Bucket: variable('S3_BUCKET', line, 'none', none, 'Keeps recordings in this bucket instead of `DATA_DIR/recordings`.'),
  s3AccessKey: variable('S3_ACCESS_KEY', line, 'none', none, 'With `S3_SECRET_KEY`: who may use the bucket.'),
  s3SecretKey: variable('S3_SECRET_KEY', line, 'none', none, 'Secret of that access key.'),
  iceServers: variable(
    'ICE_SERVERS',
    iceServers,
    '[]',
    () => [],
    'STUN and TURN servers as JSON: `[{"urls":["turn:…"],"username":"…","credential":"…"}]`.',
  ),
};

type Values = { [K in keyof typeof variables]: ReturnType<(typeof variables)[K]['read']> | ReturnType<(typeof variables)[K]['fallback']> };
type Environment = Readonly<Record<string, string | undefined>>;
export type Config = ReturnType<typeof loadConfig>;

function readVariable(environment: Environment, { name, read, fallback }: Variable<unknown>): unknown {
  const text = environment[name]?.trim();
  // Compose files hand over unset variables as empty ones.
  if (!text) return fallback();
  try {
    return read(text);
  } catch (error) {
    if (error instanceof RangeError) throw new StartError(`${name} ${error.message}`);
    throw error;
  }
}

/** Both or neither: half a pair is a mistake, not a wish. */
function pair<A, B>(first: A | undefined, second: B | undefined, names: [string, string]): [A, B] | undefined {
  if (first !== undefined && second !== undefined) return [first, second];
  if (first === undefined && second === undefined) return undefined;
  throw new StartError(`${names[0]} and ${names[1]} belong together: set both or neither`);
}

function readPem(name: string, filename: string): string {
  try {
    return readFileSync(filename, 'utf8');
  } catch (cause) {
    throw new StartError(`${name} names a file that cannot be read: ${filename}`, { cause });
  }
}

/** The texts of both files, checked: they are PEM and belong to each other. */
function readTls(certFile: string, keyFile: string): Readonly<{ cert: string; key: string }> {
  const files = { cert: readPem('TLS_CERT', certFile), key: readPem('TLS_KEY', keyFile) };
  try {
    createSecureContext(files);
  } catch (cause) {
    throw new StartError('TLS_CERT and TLS_KEY must be a certificate and its own private key, as PEM files without a password', { cause });
  }
  return Object.freeze(files);
}

/** The secret of this data folder; made at the first call. Two first starts at once agree: only one can create the file. */
function storedSecret(dataDir: string): string {
  const filename = path.join(dataDir, 'secret');
  let secret: string;
  try {
    mkdirSync(dataDir, { recursive: true });
    if (!existsSync(filename)) linkNew(filename, `${randomBytes(32).toString('base64url')}\n`);
    secret = readFileSync(filename, 'utf8').trim();
  } catch (cause) {
    throw new StartError(`DATA_DIR must be a folder that this user can read and write: ${dataDir}`, { cause });
  }
  if (secret.length < 32)
    throw new StartError(`${filename} is damaged: put it back from a backup, or delete it (everybody signs in again)`);
  return secret;
}

/** Makes a file that is complete from its first moment; keeps the one that is there. */
function linkNew(filename: string, text: string): void {
  const own = `${filename}.${process.pid}`;
  writeFileSync(own, text, { mode: 0o600, flush: true });
  try {
    linkSync(own, filename);
  } catch (error) {
    if (!existsSync(filename)) throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/** What recordings are limited to, and where they are kept: a bucket, or `null` for the data folder. */
function recordingsOf(values: Values) {
  const keys = pair(values.s3AccessKey, values.s3SecretKey, ['S3_ACCESS_KEY', 'S3_SECRET_KEY']);
  const bucket = pair(values.s3Bucket, keys, ['S3_BUCKET', 'S3_ACCESS_KEY']);
  return Object.freeze({
    days: values.recordingDays ?? null,
    quotaBytes: values.recordingQuota === undefined ? null : values.recordingQuota * 1e9,
    s3: bucket && {
      endpoint: values.s3Endpoint,
      region: values.s3Region,
      bucket: bucket[0],
      accessKey: bucket[1][0],
      secretKey: bucket[1][1],
    },
  });
}

function readArguments(args: readonly string[]): { demo: boolean } {
  const unknown = args.find((argument) => argument !== '--demo');
  if (unknown !== undefined) throw new StartError(`unknown argument ${unknown}: there is only --demo`);
  return { demo: args.includes('--demo') };
}

/**
 * The configuration from environment and arguments: one frozen object. Reads the TLS files and reads, or makes once, the secret in
 * DATA_DIR. Throws StartError with the name of the variable and the rule that it breaks.
 */
export function loadConfig(environment: Environment, args: readonly string[] = []) {
  // The table's keys are kept and each value comes from its own read or fallback: that is what Values says.
  const values = Object.fromEntries(
    Object.entries(variables).map(([key, entry]) => [key, readVariable(environment, entry as Variable<unknown>)]),
  ) as Values;
  const tls = pair(values.tlsCert, values.tlsKey, ['TLS_CERT', 'TLS_KEY']);
  const admin = pair(values.adminEmail, values.adminPassword, ['MUSTER_ADMIN_EMAIL', 'MUSTER_ADMIN_PASSWORD']);
  const { demo } = readArguments(args);
  const { mediaListenIp, mediaAnnouncedAddress, mediaPort, mediaWorkers, ffmpegBin } = values;
  return Object.freeze({
    port: values.port,
    host: values.host,
    /** Absolute. */
    dataDir: values.dataDir,
    databaseUrl: values.databaseUrl,
    redisUrl: values.redisUrl,
    /** Origin without a slash at its end. */
    publicUrl: values.publicUrl,
    trustProxy: values.trustProxy,
    /** PEM texts. */
    tls: tls && readTls(...tls),
    admin: admin && Object.freeze({ email: admin[0], password: admin[1] }),
    /** Requests per minute and actor. */
    rateLimit: values.rateLimit,
    logLevel: values.logLevel,
    mediaWorkerBin: values.mediaWorkerBin,
    /** What `createMedia` takes, without the keys that nobody set. */
    media: Object.freeze({
      ...(mediaListenIp === undefined ? {} : { listenIp: mediaListenIp }),
      ...(mediaAnnouncedAddress === undefined ? {} : { announcedAddress: mediaAnnouncedAddress }),
      ...(mediaPort === undefined ? {} : { port: mediaPort }),
      ...(mediaWorkers === undefined ? {} : { workers: mediaWorkers }),
      ...(ffmpegBin === undefined ? {} : { ffmpegBin }),
      iceServers: values.iceServers,
    }),
    recordings: recordingsOf(values),
    secret: values.secret ?? storedSecret(values.dataDir),
    demo,
  });
}
