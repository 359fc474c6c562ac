import path from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { MOST_PARTICIPANTS } from '../../../server/contract/meetings.ts';
import { Person } from '../../support/person.ts';
import { Child } from '../child.ts';
import { figure, median, type Result } from '../figures.ts';
import { ADMIN, musterEnvironment, type Stage } from '../stage.ts';
import { comeIn, type Meeting } from './come-in.ts';
import type { Storm } from './crowd.ts';

const SIZES = [50, 100, 200];
const ROUNDS = 30;
const WARM_UP = 5;
/** With the host a thousand. */
const STORM = { count: MOST_PARTICIPANTS - 1, seconds: 30 };
const here = (file: string) => new URL(file, import.meta.url);

/** Coming into a room and speaking to all in it, with ever more people there; and a thousand who come within half a minute. */
export async function room(stage: Stage): Promise<Result[]> {
  const results: Result[] = [];
  for (const size of SIZES) results.push(await among(size, stage));
  results.push(await storm(stage));
  return results;
}

async function among(size: number, stage: Stage): Promise<Result> {
  await using muster = await startMuster(stage, `room-${size}`);
  await using bare = new Child(here('bare.ts'));
  await using crowd = new Child(here('crowd.ts'));
  const bareOrigin = await bare.ask<string>('origin');
  const { host, ...meeting } = await openMeeting(await muster.ask<string>('origin'));
  const before = await muster.ask<number>('memory');
  const firstBare = await bareSocket(bareOrigin);
  await crowd.ask('fill', { ...meeting, count: size });
  await crowd.ask('fillBare', { origin: bareOrigin, count: size });
  const memory = (await muster.ask<number>('memory')) - before;
  const [last, lastBare] = [(await comeIn(meeting, 'Last')).person, await bareSocket(bareOrigin)];

  const ms = { join: [] as number[], bareJoin: [] as number[], chat: [] as number[], bareChat: [] as number[] };
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const visitor = io(bareOrigin, { transports: ['websocket'], forceNew: true });
    await new Promise<void>((resolve) => visitor.once('connect', resolve));
    const bareJoin = await timed(() => visitor.emitWithAck('join', {}));
    visitor.disconnect();
    const guest = await comeIn(meeting, 'Visitor');
    await guest.person.send('room.leave', {});
    guest.person.disconnect();
    const bareChat = await timed(() =>
      Promise.all([...[firstBare, lastBare].map(hearsBare), firstBare.emitWithAck('say', 'Hello everybody')]),
    );
    host.heard.length = last.heard.length = 0;
    const chat = await timed(() =>
      Promise.all([
        ...[host, last].map((person) => person.hears('chat.message')),
        host.call('sendMessage', { params: { id: meeting.meetingId }, body: { text: 'Hello everybody', audience: 'everyone' } }),
      ]),
    );
    if (round < 0) continue;
    ms.join.push(guest.ms);
    ms.bareJoin.push(bareJoin);
    ms.chat.push(chat);
    ms.bareChat.push(bareChat);
  }
  for (const person of [host, last]) person.disconnect();
  for (const socket of [firstBare, lastBare]) socket.disconnect();
  return {
    benchmark: `Room with ${size} people: click to in the room (signalling), message to all, ${ROUNDS} rounds`,
    figures: [
      figure('bare Socket.IO join', ms.bareJoin),
      figure('Muster join: ask, enter, follow', ms.join),
      figure('bare Socket.IO message to all', ms.bareChat),
      figure('Muster message to all, kept', ms.chat),
      figure('memory per participant', [memory / size], 'kB'),
    ],
    ratios: [
      { what: 'join / bare', value: median(ms.join) / median(ms.bareJoin) },
      { what: 'message / bare', value: median(ms.chat) / median(ms.bareChat) },
    ],
  };
}

async function storm(stage: Stage): Promise<Result> {
  await using muster = await startMuster(stage, 'storm');
  await using crowd = new Child(here('crowd.ts'));
  const { host, ...meeting } = await openMeeting(await muster.ask<string>('origin'));
  await muster.ask('delay'); // forgets the start
  const { joins, failures, present } = await crowd.ask<Storm>('storm', { ...meeting, ...STORM });
  const delay = await muster.ask<number>('delay');
  host.disconnect();
  return {
    benchmark: `Storm: ${STORM.count} people come into one meeting within ${STORM.seconds} s${failures.length ? `; ${failures.join(', ')}` : ''}`,
    figures: [figure('join', joins), figure('event loop delay, p99', [delay])],
    ratios: [{ what: 'in the room at the end / came', value: present / STORM.count, least: 1 }],
  };
}

async function startMuster(stage: Stage, name: string): Promise<Child> {
  const own = { DATA_DIR: path.join(stage.dir, name), DATABASE_URL: await stage.database(), PORT: '0', MEDIA_WORKERS: '1' };
  return new Child(here('muster.ts'), musterEnvironment(own), ['--expose-gc']);
}

async function openMeeting(origin: string): Promise<Meeting & { host: Person }> {
  const host = new Person(origin);
  await host.call('signIn', { body: ADMIN });
  const startsAt = Temporal.Now.instant().round('second');
  const { id, joinCode } = await host.call('createMeeting', {
    body: {
      ...{ title: 'A full house', startsAt: startsAt.toString(), endsAt: startsAt.add({ hours: 1 }).toString(), timeZone: 'UTC' },
      ...{ maxParticipants: MOST_PARTICIPANTS, requiresApproval: false },
    },
  });
  await host.call('startMeeting', { params: { id } });
  await host.call('join', { params: { joinCode }, body: { displayName: 'Host' } });
  await host.connect();
  await host.send('room.enter', { meetingId: id });
  await host.follow(`meeting:${id}`);
  return { origin, joinCode, meetingId: id, host };
}

async function bareSocket(origin: string): Promise<Socket> {
  const socket = io(origin, { transports: ['websocket'], forceNew: true });
  await socket.emitWithAck('join', {});
  return socket;
}

const hearsBare = (socket: Socket) =>
  new Promise<void>((resolve) => {
    const listen = ({ name }: { name: string }) => {
      if (name !== 'chat') return;
      socket.off('change', listen);
      resolve();
    };
    socket.on('change', listen);
  });

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
