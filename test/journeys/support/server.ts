import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Test } from 'tap';
import type { Output } from '../../../server/contract/define.ts';
import type { Operations } from '../../../server/contract/operations.ts';
import { root } from '../../support/execute.ts';
import { ownDatabase } from '../../support/postgres.ts';
import { within } from './pace.ts';

type Health = Output<Operations['getHealth']>;
type LogLine = { level: number; msg: string };

const WARN = 40;
const START_MS = 20_000;

/** What an ordinary shell hands over; nothing of the test run's own (its database, its coverage). */
const KEPT = ['PATH', 'HOME', 'USER', 'LANG', 'TZ', 'TMPDIR', 'XDG_CACHE_HOME', 'MEDIASOUP_WORKER_BIN'];

/** A free port below those that the system hands out by itself: between a kill and the next start nobody else takes it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 30_000);
    const server = net.createServer().listen(port);
    const free = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/**
 * `media: false`: it is about a server that has none, which others never do without. `embedded`: it brings up a PostgreSQL of its own, as
 * for a new user; else it is given a new database of the test run's, which takes seconds less.
 */
type Options = { env?: NodeJS.ProcessEnv; media?: boolean; embedded?: boolean };

/** The product as a user runs it: a process of its own with a data folder; can be killed and started again. */
export class Server {
  readonly origin: string;
  /** The printed first sign-in link of the latest start. */
  signInLink: string | undefined;
  readonly #env: NodeJS.ProcessEnv;
  readonly #media: boolean;
  #child: ChildProcess | undefined;
  #log: LogLine[] = [];
  #printed: string[] = [];

  constructor(port: number, dataDir: string, { env = {}, media = true }: Options) {
    this.origin = `http://localhost:${port}`;
    this.#media = media;
    this.#env = { PORT: String(port), DATA_DIR: dataDir };
    for (const name of KEPT) if (process.env[name] !== undefined) this.#env[name] = process.env[name];
    Object.assign(this.#env, env);
  }

  /** Ready when it says so on its terminal, and media is there too. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, ['server/main.ts'], {
      cwd: root,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    createInterface({ input: child.stderr! }).on('line', (line) => this.#log.push(readLine(line)));
    const lines = createInterface({ input: child.stdout! });
    let running = false;
    lines.on('line', (line) => {
      this.#printed.push(line);
      this.signInLink = /First sign-in.*: (\S+)/.exec(line)?.[1] ?? this.signInLink;
      running ||= line.includes('Ctrl-C ends it');
    });
    await until(
      () => running || child.exitCode !== null,
      within(START_MS),
      () => `the server to start; it said ${this.words()}`,
    );
    if (!running) throw new Error(`The server ended with ${child.exitCode}: ${this.words()}`);
    if (!this.#media) return;
    await until(
      async () => (await this.health()).media.status !== 'preparing',
      within(START_MS),
      () => 'the media worker to be found',
    );
    const { media } = await this.health();
    if (media.status !== 'up') throw new Error(`Journeys need media, but: ${media.reason} ${media.fix}`);
  }

  async health(): Promise<Health> {
    const response = await fetch(`${this.origin}/api/health`);
    // The server answers by its contract.
    return (await response.json()) as Health;
  }

  /** SIGKILL: what a power cut of the process is. PostgreSQL and the media workers are left to whatever they make of it. */
  async kill(): Promise<void> {
    const gone = once(this.#child!, 'exit');
    this.#child!.kill('SIGKILL');
    await gone;
  }

  /** SIGTERM; answers how long the orderly end took, in milliseconds, and how it ended. */
  async stop(): Promise<{ ms: number; code: number | null }> {
    const child = this.#child!;
    if (child.exitCode !== null || child.signalCode !== null) return { ms: 0, code: child.exitCode };
    const started = performance.now();
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
    return { ms: performance.now() - started, code: child.exitCode };
  }

  /** Process numbers of this server's media workers. */
  workers(): number[] {
    const processes = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
    return processes.split('\n').flatMap((line) => {
      const [, pid, parent, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return Number(parent) === this.#child!.pid && command.includes('mediasoup-worker') ? [Number(pid)] : [];
    });
  }

  /** What was logged at `warn` or above since the last call. */
  takeTrouble(): string[] {
    const trouble = this.#log.filter(({ level }) => level >= WARN);
    this.#log = [];
    return trouble.map((line) => JSON.stringify(line));
  }

  words(): string {
    return [...this.#printed, ...this.#log.map((line) => JSON.stringify(line))].join('\n');
  }
}

/** Standard error holds the log in JSON lines; anything else there is a complaint of Node's own. */
function readLine(line: string): LogLine {
  try {
    return JSON.parse(line);
  } catch {
    return { level: WARN, msg: line };
  }
}

/** Asks again every 50 ms until the answer is yes; throws `never came: …` after `ms`. */
export async function until(found: () => boolean | Promise<boolean>, ms: number, what: () => string): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await found())) {
    if (performance.now() > deadline) throw new Error(`waited ${ms} ms for ${what()}`);
    await sleep(50);
  }
}

/** A new server on an empty data folder; at the end of the test it is stopped in order, must manage that, and its folder goes. */
export async function startServer(t: Test, { embedded = false, env = {}, ...options }: Options = {}): Promise<Server> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'muster-journey-'));
  const database = embedded ? {} : { DATABASE_URL: await ownDatabase(t) };
  const server = new Server(await freePort(), dataDir, { ...options, env: { ...database, ...env } });
  t.teardown(async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  await server.start();
  return server;
}
