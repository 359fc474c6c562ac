import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';

/** Headers that let the worker's source compile against a distribution's own libraries; each says why at its head. */
export const SHIM = path.join(import.meta.dirname, 'shim');
const SHIM_FILES = ['srtp.h', 'bio_callback.h', 'ankerl/unordered_dense.h'];

const ABSEIL = ['strings', 'bad_optional_access', 'throw_delegate', 'raw_logging_internal'].map((name) => `-labsl_${name}`);
export const LIBRARIES = ['-lsrtp2', '-luv', '-lssl', '-lcrypto', '-lpthread', ...ABSEIL];
export const COMPILER_FLAGS = ['-std=c++20', '-O2', '-fPIE', '-w', '-DNDEBUG', '-DMS_EXECUTABLE', '-DFLATBUFFERS_LOCALE_INDEPENDENT=1'];
export const FLATC_FLAGS = ['--cpp', '--cpp-field-case-style', 'lower', '--reflect-names', '--scoped-enums', '--filename-suffix', ''];

/**
 * What meson.build adds to common_sources for libwebrtc's bandwidth estimator. The package's built-in estimator saves
 * 47 files and Abseil, but is a stub: senders get no feedback and starve at some 60 kbit/s.
 */
export const ESTIMATOR_SOURCES = [
  'src/DepLibWebRTC.cpp',
  'src/RTC/TransportCongestionControlClient.cpp',
  'src/RTC/TransportCongestionControlServer.cpp',
];

/** An installed mediasoup: `dir` is its package folder. */
export type MediasoupPackage = { dir: string; version: string };

/** The mediasoup that this program would load. */
export function installedMediasoup(): MediasoupPackage {
  const entry = createRequire(import.meta.url).resolve('mediasoup');
  const dir = path.resolve(path.dirname(entry), '../..');
  // mediasoup's manifest is JSON with a version, as npm demands of every package.
  const { version } = JSON.parse(readFileSync(path.join(dir, 'package.json'), 'utf8')) as { version: string };
  return { dir, version };
}

/** Changes with everything that shapes the binary, so that a stale one is never taken from the cache. */
function recipeDigest(): string {
  const hash = createHash('sha256').update(JSON.stringify([COMPILER_FLAGS, LIBRARIES, FLATC_FLAGS, ESTIMATOR_SOURCES]));
  for (const name of SHIM_FILES) hash.update(readFileSync(path.join(SHIM, name)));
  return hash.digest('hex').slice(0, 8);
}

/** Folder in the user's cache that holds the worker of this version, machine kind and recipe (and its unfinished build). */
export function cacheFolder(version: string, env: NodeJS.ProcessEnv): string {
  const root = env.XDG_CACHE_HOME || path.join(env.HOME || os.homedir(), '.cache');
  const name = [version, process.platform, process.arch, recipeDigest()].join('-');
  return path.join(root, 'muster/mediasoup-worker', name);
}
