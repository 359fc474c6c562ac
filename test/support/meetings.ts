import type { Test } from 'tap';
import type { Meeting, NewMeeting } from '../../server/contract/meetings.ts';
import type { LobbyState } from '../../server/contract/waiting-room.ts';
import type { TestApp } from './app.ts';
import { eventually } from './eventually.ts';
import type { Person } from './person.ts';

/** An hour after the test clock begins, for an hour. */
export const planned = (over: Partial<NewMeeting> = {}): NewMeeting => ({
  title: 'Case consultation',
  startsAt: '2026-11-21T10:00:00Z',
  endsAt: '2026-11-21T11:00:00Z',
  timeZone: 'Europe/Berlin',
  ...over,
});

export const schedule = (host: Person, over: Partial<NewMeeting> = {}): Promise<Meeting> =>
  host.call('createMeeting', { body: planned(over) });

/** A meeting that is going on already. */
export async function open(host: Person, over: Partial<NewMeeting> = {}): Promise<Meeting> {
  const { id } = await schedule(host, over);
  return host.call('startMeeting', { params: { id } });
}

/** Asks at the door of a meeting, as the page behind its link does. */
export const ask = (person: Person, { joinCode }: { joinCode: string }, displayName: string, accessCode?: string): Promise<LobbyState> =>
  person.call('join', { params: { joinCode }, body: { displayName, ...(accessCode === undefined ? {} : { accessCode }) } });

/** Somebody by link without an account, who asked, is connected and follows their own place at the door. */
export async function visitor(app: TestApp, meeting: { joinCode: string }, name: string): Promise<{ guest: Person; lobby: LobbyState }> {
  const guest = app.stranger();
  const lobby = await ask(guest, meeting, name);
  await guest.connect();
  await guest.send('waiting.enter', { participantId: lobby.participantId });
  await guest.follow(`lobby:${lobby.participantId}`);
  return { guest, lobby };
}

/** Goes through the door (which must let this person in) into the room, and follows it. */
export async function enter(person: Person, meeting: { id: string; joinCode: string }, name: string): Promise<string> {
  const { participantId } = await ask(person, meeting, name);
  if (!person.connected) await person.connect();
  await person.send('room.enter', { meetingId: meeting.id });
  await person.follow(`meeting:${meeting.id}`);
  return participantId;
}

export const rows = <Row>(app: TestApp, sql: string, values: unknown[] = []): Promise<Row[]> =>
  app.app.database.reader().execute<Row[]>(sql, values);

/** How often each action is in the audit trail of a meeting (or of `accounts`). */
export async function audited(app: TestApp, scope: string): Promise<Record<string, number>> {
  const found = await rows<{ action: string; count: string }>(app, 'select action, count(*) from audit where scope = ? group by action', [
    scope,
  ]);
  return Object.fromEntries(found.map(({ action, count }) => [action, Number(count)]));
}

/** Whatever was sent to this person before now has arrived: a connection keeps its order. */
export const settled = (person: Person): Promise<unknown> => person.raw('topic.unfollow', { topic: `user:${'0'.repeat(36)}` });

/** No change of any topic and no signal reached this person (but the heads of what they follow). */
export async function hearsNothing(t: Test, person: Person, who = 'a stranger hears nothing'): Promise<void> {
  await settled(person);
  t.strictSame({ heard: person.heard, signals: person.signals.filter(({ name }) => name !== 'heads') }, { heard: [], signals: [] }, who);
}

/** Time passes for everybody in the room, in whole beats; the last one is written. */
export async function pass(app: TestApp, ms: number): Promise<void> {
  app.clock.jump(ms);
  const now = app.clock.now().toString();
  const unseen = () => rows(app, 'select id from stay where left_at is null and last_seen_at < ?::timestamptz', [now]);
  await eventually(async () => (await unseen()).length === 0, 'the beat');
}
