import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

type Question = { id: number; name: string; input: unknown };
type Answer = { id: number; output?: unknown; error?: string };

/** A process of its own that answers questions. The first one is asked as soon as it listens. */
export class Child implements AsyncDisposable {
  #process: ChildProcess;
  #open = new Map<number, PromiseWithResolvers<unknown>>();
  #asked = 0;

  /** `script` is a module that calls `answer`. */
  constructor(script: URL, env: NodeJS.ProcessEnv = process.env, execArgv: string[] = []) {
    this.#process = fork(script, { env, execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#process.on('message', ({ id, output, error }: Answer) => {
      const open = this.#open.get(id);
      this.#open.delete(id);
      if (error === undefined) open?.resolve(output);
      else open?.reject(new Error(error));
    });
    this.#process.on('exit', (code) => {
      for (const { reject } of this.#open.values()) reject(new Error(`${script.pathname} ended with ${code}`));
    });
  }

  /** The answer's type is what the child's own code answers with. */
  ask<T>(name: string, input?: unknown): Promise<T> {
    const id = ++this.#asked;
    const open = Promise.withResolvers<unknown>();
    this.#open.set(id, open);
    this.#process.send({ id, name, input } satisfies Question);
    return open.promise as Promise<T>;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return end(this.#process);
  }
}

/** The child's side: by name, what answers. */
export function answer(handlers: Record<string, (input: never) => unknown>): void {
  process.on('message', ({ id, name, input }: Question) => {
    // Asked by our own `Child.ask`, with what the handler of that name takes.
    Promise.try(handlers[name]!, input as never).then(
      (output) => process.send!({ id, output } satisfies Answer),
      (error: Error) => process.send!({ id, error: error.stack ?? error.message } satisfies Answer),
    );
  });
  process.once('disconnect', () => process.exit());
}

/** Asks a process to end, and waits for it. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), 12_000);
  await gone;
  clearTimeout(patience);
}

export type Server = AsyncDisposable & { origin: string /** From spawn to the first good answer. */; readyMs: number };

/** Starts `node script` on a free port, given to it as PORT, and waits until `path` answers 200 with `expected` in its body. */
export async function startServer(
  script: URL,
  { path, expected = '', env, args = [] }: { path: string; expected?: string; env: NodeJS.ProcessEnv; args?: string[] },
): Promise<Server> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const started = performance.now();
  const child = spawn(process.execPath, [...args, script.pathname], {
    env: { ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  while (!(await fetchText(origin + path))?.includes(expected)) {
    if (child.exitCode !== null) throw new Error(`${script.pathname} ended with ${child.exitCode}`);
    if (performance.now() - started > 60_000) {
      await end(child);
      throw new Error(`${script.pathname} did not answer within 60 s`);
    }
    await sleep(5);
  }
  return { origin, readyMs: performance.now() - started, [Symbol.asyncDispose]: () => end(child) };
}

/** node:http, not fetch: asked every few milliseconds, it must cost little. */
const fetchText = (url: string): Promise<string | null> =>
  new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve(response.statusCode === 200 ? text : null));
    }).on('error', () => resolve(null));
  });

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (!address || typeof address !== 'object') throw new Error('no port');
  return address.port;
}
