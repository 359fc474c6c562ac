import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Test } from 'tap';

export type Redis = {
  url: string;
  /** As kill -9: no connection is said goodbye to. */
  kill: () => Promise<void>;
  /** Again, empty, on the same port. */
  start: () => Promise<void>;
};

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number }; // of a TCP server it is an object
  server.close();
  return port;
}

/** A Redis server of the system's, on a free port; gone when the test ends. */
export async function startRedis(t: Test): Promise<Redis> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  const start = async () => {
    const redis = spawn(
      'redis-server',
      ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', t.testdirName],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    child = redis;
    await new Promise<void>((resolve, reject) => {
      redis.once('error', () => reject(new Error('this test needs redis-server: apt-get install redis-server')));
      redis.once('exit', () => reject(new Error('redis-server ended at once')));
      redis.stdout.on('data', (line: Buffer) => String(line).includes('Ready to accept connections') && resolve());
    });
  };
  const kill = async () => {
    if (!child) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    child = undefined;
  };
  t.testdir();
  await start();
  t.teardown(kill);
  return { url: `redis://127.0.0.1:${port}`, kill, start };
}
