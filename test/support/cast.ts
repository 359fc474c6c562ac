import type { Test } from 'tap';
import type { Meeting } from '../../server/contract/meetings.ts';
import { startApp, type TestApp } from './app.ts';
import { enter, open } from './meetings.ts';
import type { Person } from './person.ts';

export type Member = { person: Person; userId: string; participantId: string };
/** A live meeting without a waiting room, with one person of each role in the room, who follow it. */
export type Cast = {
  app: TestApp;
  meeting: Meeting;
  host: Member;
  coHost: Member;
  moderator: Member;
  presenter: Member;
  attendee: Member;
  /** An attendee without an account. */
  guest: Omit<Member, 'userId'>;
};

export const userIdOf = async (person: Person): Promise<string> => (await person.call('getSession', {})).user.id;

export async function member(app: TestApp, meeting: Meeting, name: string): Promise<Member> {
  const person = await app.account(name);
  return { person, userId: await userIdOf(person), participantId: await enter(person, meeting, name) };
}

export async function assemble(t: Test, app?: TestApp): Promise<Cast> {
  const server = app ?? (await startApp(t));
  const hostPerson = await server.account('Hanna Host');
  const meeting = await open(hostPerson, { requiresApproval: false });
  const host = { person: hostPerson, userId: await userIdOf(hostPerson), participantId: await enter(hostPerson, meeting, 'Hanna Host') };
  const [coHost, moderator] = [await member(server, meeting, 'Cora Co-Host'), await member(server, meeting, 'Mo Moderator')];
  const [presenter, attendee] = [await member(server, meeting, 'Pia Presenter'), await member(server, meeting, 'Ann Attendee')];
  const guestPerson = server.stranger();
  const guest = { person: guestPerson, participantId: await enter(guestPerson, meeting, 'Gus Guest') };
  await hostPerson.call('addCoHost', { params: { id: meeting.id }, body: { userId: coHost.userId } });
  for (const [{ participantId }, role] of [[moderator, 'moderator'] as const, [presenter, 'presenter'] as const])
    await hostPerson.call('changeParticipant', { params: { id: meeting.id, participantId }, body: { role } });
  return { app: server, meeting, host, coHost, moderator, presenter, attendee, guest };
}
