import { hash } from 'node:crypto';
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

/** Each unit has a compiler's start and its headers to pay for; more at once only cost memory. */
const MOST_TOGETHER = 12;

/**
 * Builds mediasoup-worker from the C++ source in the npm package against the system's libraries: no meson, no pip, no
 * download. Answers the path of a binary that has passed the smoke test. About 2 minutes on 2 cores.
 * Throws MEDIA_UNAVAILABLE when packages are missing, else an Error with the compiler's words.
 */
export async function buildWorker(input: BuildInput): Promise<string> {
  await requirePackages(input);
  const worker = path.join(input.mediasoup.dir, 'worker');
  mkdirSync(path.join(input.dir, 'obj'), { recursive: true });
  input.progress(`building mediasoup-worker ${input.mediasoup.version} (about 2 minutes, once)`);
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

  const objects: string[] = [];
  const queue = unitsOf(sources);
  let done = 0;
  const compileNext = async (): Promise<void> => {
    for (let unit = queue.shift(); unit; unit = queue.shift()) {
      objects.push(...(await compileUnit(unit)));
      done += unit.length;
      input.progress(`${done}/${sources.length} files compiled`);
    }
  };
  const compileUnit = async (unit: string[]): Promise<string[]> => {
    const object = path.join(input.dir, 'obj', `${hash('sha256', unit.join())}.o`);
    if (existsSync(object)) return [object];
    const text = object.replace(/o$/, 'cpp');
    // Each file names itself by this macro.
    writeFileSync(text, unit.map((source) => `#include "${source}"\n#undef MS_CLASS\n`).join(''));
    const fresh = unfinished(object);
    try {
      await runCommand('g++', [...flags, '-include', header, '-c', text, '-o', fresh], input);
    } catch (error) {
      if (unit.length === 1 || input.signal?.aborted) throw error;
      // Two of them do use one name for different things.
      const half = Math.ceil(unit.length / 2);
      return [...(await compileUnit(unit.slice(0, half))), ...(await compileUnit(unit.slice(half)))];
    }
    renameSync(fresh, object);
    return [object];
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

/**
 * Files that one run of the compiler takes together, which costs less than half of one run each. Those that declare the same names
 * for themselves are kept apart.
 */
function unitsOf(sources: string[]): string[][] {
  const units: { files: string[]; names: Set<string> }[] = [];
  for (const source of sources) {
    const names = ownNames(source);
    const unit = units.find(({ files, names: taken }) => files.length < MOST_TOGETHER && names.isDisjointFrom(taken));
    if (unit) {
      unit.files.push(source);
      unit.names = unit.names.union(names);
    } else units.push({ files: [source], names });
  }
  return units.map(({ files }) => files);
}

/** Constants, buffers and functions that a file declares for itself, or what looks like one. */
function ownNames(source: string): Set<string> {
  const declarations = /^[ \t]*(?:(?:static|constexpr|thread_local|const|alignas\(\d+\)|inline) )+[\w:<>,*& ]*?\b(\w+) *[=({[;]/gm;
  return new Set([...readFileSync(source, 'utf8').matchAll(declarations)].map((match) => match[1]!));
}

/** Under a name of our own: compilers of a killed build may still be writing. */
const unfinished = (file: string): string => `${file}.${process.pid}.new`;

/** The strings of `name = [ 'a', 'b' ]` in a meson file. */
function mesonList(file: string, name: string): string[] {
  const body = new RegExp(`^${name} = \\[([^\\]]*)\\]`, 'm').exec(readFileSync(file, 'utf8'))?.[1];
  if (!body) throw new Error(`${file} has no list ${name}: this mediasoup version is laid out otherwise, the recipe needs a look`);
  return [...body.matchAll(/'([^']+)'/g)].map((match) => match[1]!);
}
