import pg from 'pg';
import type { Test } from 'tap';
import type { Meeting } from '../../server/contract/meetings.ts';
import { newId } from '../../server/kernel/ids.ts';
import { startApp, type TestApp } from '../support/app.ts';
import type { Person } from '../support/person.ts';

/** A host with a meeting, a guest who waits there, and another host with the same: what a walk needs to be right, or wrong. */
export type World = TestApp & {
  /** Administrator: nothing is refused for want of a role. */
  host: Person;
  other: Person;
  guest: Person;
  meeting: Meeting;
  foreign: Meeting;
  participantId: string;
  foreignParticipantId: string;
  /** Let in to our meeting. */
  admittedId: string;
  coHostId: string;
  banId: string;
  foreignBanId: string;
  userId: string;
  otherUserId: string;
  /** A second session of the host's, and one of the other's. */
  sessionId: string;
  foreignSessionId: string;
  invitationToken: string;
  meetingInvitationId: string;
  unknownId: string;
};

export const START = '2026-11-23T09:00:00Z';
export const END = '2026-11-23T10:00:00Z';

const schedule = (person: Person, title: string): Promise<Meeting> =>
  person.call('createMeeting', { body: { title, startsAt: START, endsAt: END, timeZone: 'Europe/Berlin' } });

const ownSession = async (person: Person) => (await person.call('listSessions', {})).items[0]!.id;

async function waits(guest: Person, meeting: Meeting, displayName: string): Promise<string> {
  const { participantId } = await guest.call('join', { params: { joinCode: meeting.joinCode }, body: { displayName } });
  return participantId;
}

async function banned(host: Person, meeting: Meeting, guest: Person): Promise<string> {
  const participantId = await waits(guest, meeting, 'Bo');
  return (await host.call('banParticipant', { params: { id: meeting.id, participantId }, body: {} })).id;
}

export async function makeWorld(t: Test): Promise<World> {
  const server = await startApp(t);
  const [host, other] = [await server.account('Hanna Host', 'admin'), await server.account('Otto Other')];
  const [guest, stranger] = [server.stranger(), server.stranger()];
  const [meeting, foreign] = [await schedule(host, 'Ours'), await schedule(other, 'Theirs')];
  const { url } = await host.call('inviteUser', { body: { name: 'Ines', email: 'ines@example.org', role: 'staff' } });
  const cora = await server.account('Cora Co-Host');
  const { userId: coHostId } = await host.call('addCoHost', {
    params: { id: meeting.id },
    body: { userId: (await cora.call('getSession', {})).user.id },
  });
  const admittedId = await waits(server.stranger(), meeting, 'Ada');
  await host.call('approveParticipant', { params: { id: meeting.id, participantId: admittedId } });
  return {
    ...server,
    ...{ admittedId, coHostId },
    banId: await banned(host, meeting, server.stranger()),
    foreignBanId: await banned(other, foreign, server.stranger()),
    ...{ host, other, guest, meeting, foreign },
    participantId: await waits(guest, meeting, 'Gus'),
    foreignParticipantId: await waits(stranger, foreign, 'Sam'),
    userId: (await host.call('getSession', {})).user.id,
    otherUserId: (await other.call('getSession', {})).user.id,
    sessionId: await ownSession(host),
    foreignSessionId: await ownSession(other),
    invitationToken: url.split('/').at(-1)!,
    meetingInvitationId: (await host.call('inviteToMeeting', { params: { id: meeting.id }, body: { email: 'ivo@example.org' } })).id,
    unknownId: newId(),
  };
}

/**
 * A digest of each table. Left out: what only counts attempts or tells of them, and when a session was last used.
 * Equal digests mean that nothing changed.
 */
export async function digest(databaseUrl: string): Promise<{ [table: string]: string }> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public' and table_name not in ('throttle', 'audit_chain') order by 1`,
    );
    const digests: { [table: string]: string } = {};
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ digest: string }>(
        `select md5(coalesce(string_agg(row::text, ' ' order by row::text), '')) as digest
         from (select to_jsonb(t) - 'last_seen_at' as row from "${name}" t) rows
         where row->>'action' is null or row->>'action' not like 'refused.%'`,
      );
      digests[name] = rows[0]!.digest;
    }
    return digests;
  } finally {
    await client.end();
  }
}
