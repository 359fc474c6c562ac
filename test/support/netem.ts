/**
 * A UDP link with loss, delay and a rate, between a browser and the server: many kernels have no sch_netem. Runs as a process of its own,
 * so that its timing neither suffers from the test nor weighs on it.
 */
import { type ChildProcess, fork } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';

/** One way: `loss` 0 to 1, `delayMs`, and a rate beyond which packets queue for 300 ms and are dropped then. */
export type Way = { loss?: number; delayMs?: number; kbps?: number };
export type Weather = { up?: Way; down?: Way };

export class Link {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** In front of a UDP port of this machine. */
  static async open(targetPort: number): Promise<Link> {
    const child = fork(import.meta.filename, [String(targetPort)], { stdio: 'inherit' });
    const [message] = await once(child, 'message');
    return new Link(child, (message as { port: number }).port); // the only thing that the child ever says
  }

  set(weather: Weather): void {
    this.#child.send(weather);
  }

  /** The server sees the browser at this address (of this machine) from now on, and at other ports: Wi-Fi to mobile. */
  move(address: string): void {
    this.#child.send({ address });
  }

  close(): void {
    this.#child.kill();
  }
}

const QUEUE_MS = 300;
const HEADERS = 28; // of IP and UDP

/** Packets one way. */
class Pipe {
  #free = 0;

  push(packet: Buffer, { loss = 0, delayMs = 0, kbps = 0 }: Way, deliver: (packet: Buffer) => void): void {
    if (Math.random() < loss) return;
    const now = performance.now();
    let at = now;
    if (kbps > 0) {
      const start = Math.max(now, this.#free);
      if (start - now > QUEUE_MS) return;
      this.#free = start + ((packet.length + HEADERS) * 8) / kbps;
      at = this.#free;
    }
    const wait = at + delayMs - now;
    if (wait < 0.5) deliver(packet);
    else setTimeout(deliver, wait, packet);
  }
}

type Flow = { from: dgram.RemoteInfo; socket: dgram.Socket; up: Pipe; down: Pipe };

function serve(target: number): void {
  let weather: Weather = {};
  const front = dgram.createSocket('udp4');
  const flows = new Map<string, Flow>();
  const flowOf = (from: dgram.RemoteInfo) => {
    const key = `${from.address}:${from.port}`;
    const known = flows.get(key);
    if (known) return known;
    const flow = { from, socket: dgram.createSocket('udp4'), up: new Pipe(), down: new Pipe() };
    bind(flow, '127.0.0.1');
    flows.set(key, flow);
    return flow;
  };
  const bind = ({ socket, down, from }: Flow, address: string) => {
    socket.bind(0, address);
    socket.on('message', (reply) =>
      down.push(Buffer.from(reply), weather.down ?? {}, (packet) => front.send(packet, from.port, from.address)),
    );
  };
  front.on('message', (packet, from) => {
    const flow = flowOf(from);
    flow.up.push(Buffer.from(packet), weather.up ?? {}, (delayed) => flow.socket.send(delayed, target, '127.0.0.1'));
  });
  front.bind(0, '127.0.0.1', () => process.send!({ port: front.address().port }));
  process.on('message', (set: Weather | { address: string }) => {
    if (!('address' in set)) {
      weather = set;
      return;
    }
    for (const flow of flows.values()) {
      flow.socket.close();
      flow.socket = dgram.createSocket('udp4');
      bind(flow, set.address);
    }
  });
  process.on('disconnect', () => process.exit());
}

if (process.send && process.argv[1] === import.meta.filename) serve(Number(process.argv[2]));
