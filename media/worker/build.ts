import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runCommand } from './command.ts';
import { requirePackages } from './packages.ts';
import { COMPILER_FLAGS, ESTIMATOR_SOURCES, FLATC_FLAGS, LIBRARIES, type MediasoupPackage, SHIM } from './recipe.ts';
import { smokeTest } from './smoke.ts';

/** `dir` keeps intermediate files, so that an interrupted build goes on; the binary ends there as `mediasoup-worker`. */
export type BuildInput = {
  mediasoup: MediasoupPackage;
  dir: string;
  progress: (line: string) => void;
  signal?: AbortSignal | undefined;
};

/**
 * Builds mediasoup-worker from the C++ source in the npm package against the system's libraries: no meson, no pip, no
 * download. Answers the path of a binary that has passed the smoke test. About 3 minutes on 2 cores.
 * Throws MEDIA_UNAVAILABLE when packages are missing, else an Error with the compiler's words.
 */
export async function buildWorker(input: BuildInput): Promise<string> {
  await requirePackages(input);
  const worker = path.join(input.mediasoup.dir, 'worker');
  mkdirSync(path.join(input.dir, 'obj'), { recursive: true });
  input.progress(`building mediasoup-worker ${input.mediasoup.version} (about 3 minutes, once)`);
  await generateFlatbuffers(worker, input);
  const objects = await compile(worker, input);
  const bin = path.join(input.dir, 'mediasoup-worker');
  const fresh = unfinished(bin);
  await runCommand('g++', ['-pie', '-s', '-o', fresh, ...objects, ...LIBRARIES], input);
  await smokeTest(fresh);
  renameSync(fresh, bin);
  for (const folder of ['obj', 'gen']) rmSync(path.join(input.dir, folder), { recursive: true, force: true });
  return bin;
}

async function generateFlatbuffers(worker: string, input: BuildInput): Promise<void> {
  const out = path.join(input.dir, 'gen/FBS');
  mkdirSync(out, { recursive: true });
  const schemas = readdirSync(path.join(worker, 'fbs')).filter((name) => name.endsWith('.fbs'));
  await runCommand('flatc', [...FLATC_FLAGS, '-o', out, ...schemas.map((name) => path.join(worker, 'fbs', name))], input);
}

async function compile(worker: string, input: BuildInput): Promise<string[]> {
  const webrtc = path.join(worker, 'deps/libwebrtc');
  const gen = path.join(input.dir, 'gen');
  const own = [...mesonList(path.join(worker, 'meson.build'), 'common_sources'), ...ESTIMATOR_SOURCES, 'src/main.cpp'];
  const theirs = mesonList(path.join(webrtc, 'meson.build'), 'libwebrtc_sources');
  const sources = [...own.map((file) => path.join(worker, file)), ...theirs.map((file) => path.join(webrtc, file))];
  const includes = [SHIM, path.join(worker, 'include'), gen, path.join(gen, 'FBS'), webrtc, path.join(webrtc, 'libwebrtc')];
  const endian = os.endianness() === 'LE' ? '-DMS_LITTLE_ENDIAN' : '-DMS_BIG_ENDIAN';
  const flags = [...COMPILER_FLAGS, endian, ...includes.map((folder) => `-I${folder}`)];
  const header = await precompileHeader(flags, gen, input);

  const objects = sources.map((_, index) => path.join(input.dir, 'obj', `${index}.o`));
  const queue = sources.map((source, index) => ({ source, object: objects[index]! }));
  let done = 0;
  const compileNext = async (): Promise<void> => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      if (!existsSync(job.object)) {
        const fresh = unfinished(job.object);
        await runCommand('g++', [...flags, '-include', header, '-c', job.source, '-o', fresh], input);
        renameSync(fresh, job.object);
      }
      done++;
      if (done % 25 === 0 || done === objects.length) input.progress(`${done}/${objects.length} files compiled`);
    }
  };
  await Promise.all(Array.from({ length: os.availableParallelism() }, compileNext));
  return objects;
}

/** The worker's common header and the generated schemas, which nearly every file includes: saves a third of the CPU time. */
async function precompileHeader(flags: string[], gen: string, input: BuildInput): Promise<string> {
  const header = path.join(input.dir, 'obj/pch.hpp');
  if (existsSync(`${header}.gch`)) return header;
  const schemas = readdirSync(path.join(gen, 'FBS')).map((name) => `"FBS/${name}"`);
  const included = ['"bio_callback.h"', '"common.hpp"', ...schemas, '<string>', '<vector>', '<unordered_map>', '<uv.h>'];
  writeFileSync(header, included.map((name) => `#include ${name}\n`).join(''));
  const fresh = unfinished(`${header}.gch`);
  await runCommand('g++', [...flags, '-x', 'c++-header', header, '-o', fresh], input);
  renameSync(fresh, `${header}.gch`);
  return header;
}

/** Under a name of our own: compilers of a killed build may still be writing. */
const unfinished = (file: string): string => `${file}.${process.pid}.new`;

/** The strings of `name = [ 'a', 'b' ]` in a meson file. */
function mesonList(file: string, name: string): string[] {
  const body = new RegExp(`^${name} = \\[([^\\]]*)\\]`, 'm').exec(readFileSync(file, 'utf8'))?.[1];
  if (!body) throw new Error(`${file} has no list ${name}: this mediasoup version is laid out otherwise, the recipe needs a look`);
  return [...body.matchAll(/'([^']+)'/g)].map((match) => match[1]!);
}
