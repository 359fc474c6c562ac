import { isDeepStrictEqual } from 'node:util';
import { io } from 'socket.io-client';
import t, { type Test } from 'tap';
import { handPlaces, type RoomState, roomAfter } from '../../../client/features/presence/room-log.ts';
import { Live, type Wire } from '../../../client/lib/live.ts';
import { startApp } from '../../support/app.ts';
import { ask, open } from '../../support/meetings.ts';
import { eventually } from '../../support/eventually.ts';
import type { Person } from '../../support/person.ts';

/** The client's own connection and its own rule of what a change does, as a page of this person's browser. */
function watch(t: Test, person: Person, meetingId: string) {
  const socket = io(person.origin, {
    ...{ transports: ['websocket'], forceNew: true, reconnection: false, autoConnect: false },
    extraHeaders: { cookie: person.cookie },
  });
  // Every handler is registered by Live, for the event whose values it takes.
  const live = new Live(socket as unknown as Wire);
  const seen: { state: RoomState | undefined; snapshots: number; changes: number } = { state: undefined, snapshots: 0, changes: 0 };
  live.follow(`meeting:${meetingId}`, {
    snapshot: (state) => {
      seen.state = state;
      seen.snapshots++;
    },
    change: (change) => {
      seen.state = roomAfter(seen.state!, change);
      seen.changes++;
    },
  });
  t.teardown(() => live.close());
  return { ...{ live, seen }, cut: () => socket.disconnect(), back: () => socket.connect() };
}

/** Numbers from a seed (mulberry32): a failed run can be run again. */
function dice(seed: number) {
  let state = seed;
  return (sides: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), 1 | state);
    z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) % sides;
  };
}

async function room(t: Test) {
  const app = await startApp(t);
  const host = await app.account('Hanna Host');
  const meeting = await open(host, { requiresApproval: false });
  const params = { id: meeting.id };
  const people = ['Ana', 'Ben', 'Cem'].map((name) => ({ name, person: app.stranger() }));
  for (const { person, name } of people) {
    await ask(person, meeting, name);
    await person.connect();
    await person.send('room.enter', { meetingId: meeting.id });
  }
  /** One of everything that changes what the room shows. */
  const commands = (roll: (sides: number) => number): (() => Promise<unknown>) => {
    const { person } = people[roll(people.length)]!;
    const all = [
      () => person.send('hand.raise', { raised: true }),
      () => person.send('hand.raise', { raised: true }),
      () => person.send('hand.raise', { raised: false }),
      () => person.send('room.leave', {}).then(() => person.send('room.enter', { meetingId: meeting.id })),
      () => person.call('sendMessage', { params, body: { text: 'x', audience: 'everyone' } }),
      () => host.call('updateMeeting', { params, body: { title: `Round ${roll(100)}` } }),
      () => host.call('lowerAllHands', { params }),
      () =>
        person
          .send('room.enter', { meetingId: meeting.id })
          .then(({ you }) => host.call('setSpotlight', { params: { ...params, participantId: you.id }, body: { on: roll(3) > 0 } })),
    ];
    return all[roll(all.length)]!;
  };
  const truth = async () => {
    await host.connect();
    const { snapshot } = await host.follow(`meeting:${meeting.id}`);
    host.disconnect();
    return snapshot as RoomState; // by the contract of the meeting's topic
  };
  return { ...app, host, meeting, commands, truth };
}

for (const seed of [7, 42])
  t.test(`TO4 a client that is cut off again and again shows what one shows that never was (seed ${seed})`, async (t) => {
    const { host, meeting, commands, truth, clock } = await room(t);
    const roll = dice(seed);
    const [steady, shaky] = [watch(t, host, meeting.id), watch(t, host, meeting.id)];
    for (let step = 0; step < 60; step++) {
      if (roll(6) === 0) shaky.cut();
      if (roll(4) === 0) shaky.back();
      clock.advance(roll(3));
      await commands(roll)();
    }
    shaky.back();
    const whole = await truth();
    await eventually(() => [steady, shaky].every(({ seen }) => isDeepStrictEqual(seen.state, whole)), 'the same state on both');
    t.same(shaky.seen.state, steady.seen.state);
    t.same([...handPlaces(shaky.seen.state!.participants)], [...handPlaces(steady.seen.state!.participants)], 'hands in one order');
    t.equal(steady.seen.snapshots, 1, 'who never was cut off never needed a snapshot again');
  });

t.test('TO4 a client that misses 100 changes catches up to the same state, by the changes alone', async (t) => {
  const { host, meeting, commands, truth, clock } = await room(t);
  const roll = dice(1);
  const [steady, away] = [watch(t, host, meeting.id), watch(t, host, meeting.id)];
  await eventually(() => steady.seen.snapshots + away.seen.snapshots === 2, 'both to begin');
  const before = away.seen.changes;
  away.cut();
  const from = steady.seen.changes;
  while (steady.seen.changes < from + 100) {
    clock.advance(1);
    await commands(roll)();
  }
  t.equal(away.seen.changes, before, 'it heard nothing meanwhile');
  away.back();
  const whole = await truth();
  await eventually(() => [steady, away].every(({ seen }) => isDeepStrictEqual(seen.state, whole)), 'the same state on both');
  t.ok(away.seen.changes >= before + 100);
  t.equal(away.seen.snapshots, 1);
});
