import pg from 'pg';
import type { Test } from 'tap';
import type { Meeting } from '../../server/contract/meetings.ts';
import { User } from '../../server/features/accounts/entity.ts';
import { Event, Series } from '../../server/features/calendar/entity.ts';
import { system } from '../../server/kernel/actor.ts';
import { newId } from '../../server/kernel/ids.ts';
import { startApp, type TestApp } from '../support/app.ts';
import type { Person } from '../support/person.ts';
import { kept } from '../support/recordings.ts';

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
  presetId: string;
  sharedLinkId: string;
  shareToken: string;
  sharePass: string;
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
  eventId: string;
  eventInvitationId: string;
  /** The host is asked to it, and nobody else may see it. */
  askedEventId: string;
  foreignInvitationId: string;
  feedToken: string;
  resourceId: string;
  /** Asked for by somebody who needs an approval. */
  bookingId: string;
  recordingId: string;
  recordingFileId: string;
  recordingLink: string;
  seriesId: string;
  seriesBookingId: string;
  unknownId: string;
};

export const START = '2026-11-23T09:00:00Z';
export const END = '2026-11-23T10:00:00Z';

const schedule = (person: Person, title: string): Promise<Meeting> =>
  person.call('createMeeting', { body: { title, startsAt: START, endsAt: END, timeZone: 'Europe/Berlin' } });

const ownSession = async (person: Person) => (await person.call('listSessions', {})).items[0]!.id;

const planned = (person: Person, title: string) =>
  person.call('createEvent', { body: { title, startsAt: START, endsAt: END, timeZone: 'Europe/Berlin' } });

async function waits(guest: Person, meeting: Meeting, displayName: string): Promise<string> {
  const { participantId } = await guest.call('join', { params: { joinCode: meeting.joinCode }, body: { displayName } });
  return participantId;
}

async function banned(host: Person, meeting: Meeting, guest: Person): Promise<string> {
  const participantId = await waits(guest, meeting, 'Bo');
  return (await host.call('banParticipant', { params: { id: meeting.id, participantId }, body: {} })).id;
}

/** Of one date, with a room on it. */
async function series({ app }: TestApp, host: Person, resourceId: string) {
  const seriesId = newId();
  const eventId = newId();
  const { user } = await host.call('getSession', {});
  await app.database.transact(system, async ({ em, now }) => {
    const organizer = await em.findOneOrFail(User, { id: user.id });
    const about = { kind: 'event', title: 'Choir', organizer, timeZone: 'UTC', createdAt: now } as const;
    const series = em.create(Series, {
      ...{ ...about, id: seriesId, uid: `${seriesId}@muster`, rule: 'FREQ=WEEKLY', localStart: '2026-11-25T18:00:00' },
      ...{ durationSeconds: 3600, materializedUntil: Temporal.Instant.from('2026-12-01T00:00:00Z') },
    });
    const [startsAt, endsAt] = ['2026-11-25T18:00:00Z', '2026-11-25T19:00:00Z'].map((text) => Temporal.Instant.from(text));
    em.create(Event, {
      ...{ ...about, id: eventId, uid: `${seriesId}@muster`, series, recurrenceId: '2026-11-25T18:00:00' },
      ...{ startsAt: startsAt!, endsAt: endsAt!, originalStartsAt: startsAt! },
    });
  });
  const { id } = await host.call('bookSeries', { params: { id: seriesId }, body: { resourceId, policy: 'all' } });
  return { seriesId, seriesBookingId: id };
}

export async function makeWorld(t: Test): Promise<World> {
  const server = await startApp(t);
  const [host, other] = [await server.account('Hanna Host', 'admin'), await server.account('Otto Other')];
  const [guest, stranger] = [server.stranger(), server.stranger()];
  const [meeting, foreign] = [await schedule(host, 'Ours'), await schedule(other, 'Theirs')];
  const preset = await host.call('createCalendarPreset', { body: { name: 'Mine', filters: {} } });
  const sharedLink = await host.call('createSharedLink', { body: { name: 'Public', scope: 'public', timeZone: 'Europe/Berlin' } });
  const shareToken = sharedLink.url!.split('/').at(-1)!;
  const { url } = await host.call('inviteUser', { body: { name: 'Ines', email: 'ines@example.org', role: 'staff' } });
  const cora = await server.account('Cora Co-Host');
  const { userId: coHostId } = await host.call('addCoHost', {
    params: { id: meeting.id },
    body: { userId: (await cora.call('getSession', {})).user.id },
  });
  const { id: resourceId } = await host.call('createResource', {
    body: { type: 'room', name: 'Garden room', timeZone: 'Europe/Berlin', requiresApproval: true },
  });
  const fay = await server.account('Fay Facilitator', 'facilitator');
  const { id: bookingId } = await fay.call('createBooking', {
    body: { resourceId, startsAt: '2026-11-24T09:00:00Z', endsAt: '2026-11-24T10:00:00Z' },
  });
  const asking = await planned(host, 'Own');
  const theirs = await planned(fay, 'Asked');
  const { user } = await host.call('getSession', {});
  const asked = await fay.call('askToEvent', { params: { id: theirs.id }, body: { userId: user.id } });
  const { seriesId, seriesBookingId } = await series(server, host, resourceId);
  const admittedId = await waits(server.stranger(), meeting, 'Ada');
  await host.call('approveParticipant', { params: { id: meeting.id, participantId: admittedId } });
  const recorded = await kept(server, meeting.id);
  const link = await host.call('linkRecordingFile', { params: { id: recorded.recordingId, fileId: recorded.fileId } });
  return {
    ...server,
    ...{ recordingId: recorded.recordingId, recordingFileId: recorded.fileId, recordingLink: link.url.split('/').at(-1)! },
    ...{ admittedId, coHostId, resourceId, bookingId, seriesId, seriesBookingId },
    banId: await banned(host, meeting, server.stranger()),
    foreignBanId: await banned(other, foreign, server.stranger()),
    ...{ host, other, guest, meeting, foreign },
    participantId: await waits(guest, meeting, 'Gus'),
    foreignParticipantId: await waits(stranger, foreign, 'Sam'),
    ...{ presetId: preset.id, sharedLinkId: sharedLink.id, shareToken },
    sharePass: (await stranger.call('openSharedCalendar', { params: { token: shareToken }, body: {} })).pass,
    userId: (await host.call('getSession', {})).user.id,
    otherUserId: (await other.call('getSession', {})).user.id,
    sessionId: await ownSession(host),
    foreignSessionId: await ownSession(other),
    invitationToken: url.split('/').at(-1)!,
    meetingInvitationId: (await host.call('inviteToMeeting', { params: { id: meeting.id }, body: { email: 'ivo@example.org' } })).id,
    ...{ eventId: asking.id, askedEventId: theirs.id, foreignInvitationId: asked.id },
    eventInvitationId: (await host.call('askToEvent', { params: { id: asking.id }, body: { email: 'eve@example.org' } })).id,
    feedToken: (await host.call('createCalendarFeed', { body: {} })).token,
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
