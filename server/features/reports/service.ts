import type { EntityManager } from '@mikro-orm/postgresql';
import type { Report, ReportPerson } from '../../contract/reports.ts';
import type { UserActor } from '../../kernel/actor.ts';
import type { Database } from '../../kernel/database.ts';
import { DEFAULT_LIMIT, page, readCursor } from '../../kernel/paging.ts';
import { requireInstant } from '../../kernel/time.ts';
import { authorizeMeeting, mayReadFeedback, mayReadReport, type MeetingRole } from '../../policy.ts';
import { ChatMessage } from '../chat/entity.ts';
import { countedOf } from '../engagement/numbers/service.ts';
import { feedbackSummary } from '../feedback/service.ts';
import type { Meeting } from '../meetings/entity.ts';
import { Participant } from '../meetings/participants/entity.ts';
import { roleIn } from '../meetings/participants/service.ts';
import { findMeeting } from '../meetings/service.ts';
import { lengthOf } from '../meetings/view.ts';
import { Stay } from '../presence/entity.ts';
import { spanOf } from '../presence/stays/view.ts';
import { qualityLines } from '../quality/service.ts';
import { csvOfPeople, mostAtOnce } from './rules.ts';
import { personView } from './view.ts';

type Reader = { meeting: Meeting; role: MeetingRole; now: Temporal.Instant };
type Cursor = { after: string[] | null; limit: number };

/** What a meeting was like, for those who moderate it of everybody, for everybody else of themselves. */
export class ReportService {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async get(actor: UserActor, meetingId: string): Promise<Report> {
    return this.#database.snapshot(async (em) => this.#summary(em, await this.#reader(em, actor, meetingId)));
  }

  async people(
    actor: UserActor,
    meetingId: string,
    query: { after?: string; limit?: number },
  ): Promise<{ items: ReportPerson[]; next: string | null }> {
    const after = readCursor(query.after, 2);
    if (after) requireInstant(after[0]!, '/query/after');
    return this.#database.snapshot(async (em) =>
      this.#people(em, actor, await this.#reader(em, actor, meetingId), { after, limit: query.limit ?? DEFAULT_LIMIT }),
    );
  }

  /** Everything in one text, of one moment. */
  async download(actor: UserActor, meetingId: string, format: 'csv' | 'json'): Promise<string> {
    return this.#database.snapshot(async (em) => {
      const reader = await this.#reader(em, actor, meetingId);
      const people: ReportPerson[] = [];
      for (let after: string[] | null = null; ; ) {
        const { items, next } = await this.#people(em, actor, reader, { after, limit: 200 });
        people.push(...items);
        if (next === null) break;
        after = readCursor(next, 2);
      }
      if (format === 'csv') return csvOfPeople(people);
      return `${JSON.stringify({ ...(await this.#summary(em, reader)), everybody: people }, null, 2)}\n`;
    });
  }

  async #reader(em: EntityManager, actor: UserActor, meetingId: string): Promise<Reader> {
    const meeting = await findMeeting(em, meetingId);
    const role = await roleIn(em, meeting, actor);
    authorizeMeeting(role, 'meeting.read');
    return { meeting, role: role!, now: this.#database.clock.now() }; // authorized: has a role
  }

  async #summary(em: EntityManager, { meeting, role, now }: Reader): Promise<Report> {
    const { id } = meeting;
    const stays = await em.find(Stay, { participant: { event: id } });
    return {
      meetingId: id,
      title: meeting.event.title,
      timeZone: meeting.event.timeZone,
      liveStatus: meeting.liveStatus,
      startedAt: meeting.startedAt?.toString() ?? null,
      endedAt: meeting.endedAt?.toString() ?? null,
      durationSeconds: Math.round(lengthOf(meeting, now)),
      reach: mayReadReport(role) ? 'all' : 'own',
      people: new Set(stays.map(({ participant }) => participant.id)).size,
      tracksEngagement: meeting.effectiveSettings.trackEngagement,
      mostAtOnce: mostAtOnce(stays.map((stay) => spanOf(stay, now))),
      messages: await em.count(ChatMessage, { event: id, deletedAt: null }),
      feedback: mayReadFeedback(role) ? await feedbackSummary(em, id) : null,
    };
  }

  async #people(em: EntityManager, actor: UserActor, { meeting, role, now }: Reader, { after, limit }: Cursor) {
    const rows = await em.execute<{ id: string; first: string }[]>(
      `select p.id, min(s.joined_at) as first from participant p join stay s on s.participant_id = p.id
       where p.event_id = ? and (? or p.user_id = ?)
       group by p.id having (?::timestamptz is null or (min(s.joined_at), p.id) > (?::timestamptz, ?::uuid))
       order by min(s.joined_at), p.id limit ?`,
      [meeting.id, mayReadReport(role), actor.id, after?.[0] ?? null, after?.[0] ?? null, after?.[1] ?? null, limit + 1],
    );
    const ids = rows.map(({ id }) => id);
    const people = new Map((await em.find(Participant, { id: { $in: ids } })).map((person) => [person.id, person]));
    const stays = await em.find(Stay, { participant: { $in: ids } }, { orderBy: { joinedAt: 'asc', id: 'asc' } });
    const counted = await countedOf(em, meeting, [...people.values()], now);
    const lines = await qualityLines(em, ids);
    const staysOf = Map.groupBy(stays, ({ participant }) => participant.id);
    return page(
      rows,
      limit,
      ({ id }) =>
        personView({
          meeting,
          person: people.get(id)!,
          stays: staysOf.get(id)!,
          counted: counted?.get(id) ?? null,
          line: lines.get(id) ?? [],
          now,
        }), // both were found by these ids
      ({ id, first }) => [Temporal.Instant.from(first).toString(), id],
    );
  }
}
