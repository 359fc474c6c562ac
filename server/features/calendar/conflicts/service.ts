import type { EntityManager } from '@mikro-orm/postgresql';
import type { Input, Output } from '../../../contract/define.ts';
import type { Conflict } from '../../../contract/calendar.ts';
import type { calendarOperations } from '../../../contract/calendar-operations.ts';
import { AppError } from '../../../contract/errors.ts';
import type { UserActor } from '../../../kernel/actor.ts';
import type { Database } from '../../../kernel/database.ts';
import { authorizeSystem } from '../../../policy.ts';
import { isStaff, takesPart } from '../access/service.ts';
import { expand } from '../recurrence/rules.ts';
import { engineFor, horizonAfter, requireSeries } from '../series/rules.ts';
import { parseEventId, type Times, timesOf } from '../rules.ts';
import { blocking, nextFree, type Span, type Subject, type Taken } from './rules.ts';

type Plan = Input<typeof calendarOperations.findConflicts>['body'];
type Answer = Output<typeof calendarOperations.findConflicts>;

const MOST_OCCURRENCES = 200;
const MOST_CONFLICTS = 100;
/** How far behind the last planned time a free one is looked for. */
const SEARCHED = { hours: 14 * 24 };

/** One thing that takes time of one subject. */
type Row = {
  subject: string;
  starts_at: string;
  ends_at: string;
  unit: number;
  kind: Conflict['kind'];
  event_id: string | null;
  title: string | null;
};
type Named = { id: string; name: string; capacity: number };

export class ConflictService {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(actor: UserActor, plan: Plan): Promise<Answer> {
    authorizeSystem(actor, 'calendar.busy');
    const times = timesOf(plan);
    const { spans, truncated } = spansOf(times, plan, this.#database.clock.now());
    const em = this.#database.reader();
    const people = await named(em, 'select id, name, 1 as capacity from "user"', [...new Set([actor.id, ...(plan.userIds ?? [])])]);
    const resources = await named(em, 'select id, name, capacity from resource', [...new Set(plan.resourceIds ?? [])]);
    if (!spans.length) return { conflicts: [], truncated, nextFree: null };
    const window = { from: spans[0]!.startsAt.toString(), to: spans.at(-1)!.endsAt.add(SEARCHED).toString() };
    const rows = [
      ...(await personRows(em, actor, people, window, await exceptOf(em, plan.eventId))),
      ...(await resourceRows(em, actor, resources, window, await exceptOf(em, plan.eventId))),
    ];
    const bySubject = Map.groupBy(rows, ({ subject }) => subject);
    const subjects = [...people, ...resources].map((each) => ({
      ...each,
      rows: new Map((bySubject.get(each.id) ?? []).map((row) => [taken(row), row])),
    }));
    const conflicts = spans.flatMap((span) =>
      subjects.flatMap(({ rows: found, ...subject }) =>
        blocking({ ...subject, taken: [...found.keys()] }, span.startsAt.epochMilliseconds, span.endsAt.epochMilliseconds).map((each) =>
          conflict(subject, span, found.get(each)!),
        ),
      ),
    );
    const free: Subject[] = subjects.map(({ capacity, rows: found }) => ({ capacity, taken: [...found.keys()] }));
    const next = conflicts.length ? nextFree(spans, free, times.timeZone) : null;
    return {
      conflicts: conflicts.slice(0, MOST_CONFLICTS),
      truncated: truncated || conflicts.length > MOST_CONFLICTS,
      nextFree: next && { startsAt: next.startsAt.toString(), endsAt: next.endsAt.toString() },
    };
  }
}

/** The times at which a plan would be, in order. */
function spansOf(times: Times, { recurrence }: Plan, now: Temporal.Instant): { spans: Span[]; truncated: boolean } {
  if (!recurrence) return { spans: [times], truncated: false };
  const series = engineFor(times, recurrence);
  requireSeries(series);
  const { occurrences, truncated } = expand(series, times.startsAt.subtract({ hours: 24 }), horizonAfter(now), MOST_OCCURRENCES);
  return { spans: occurrences, truncated };
}

const taken = ({ starts_at, ends_at, unit }: Row): Taken => ({
  from: Temporal.Instant.from(starts_at).epochMilliseconds,
  to: Temporal.Instant.from(ends_at).epochMilliseconds,
  unit,
});

const conflict = ({ id, name }: Named, span: Span, row: Row): Conflict => ({
  ...{ kind: row.kind, id, name },
  startsAt: span.startsAt.toString(),
  endsAt: span.endsAt.toString(),
  blockedFrom: Temporal.Instant.from(row.starts_at).toString(),
  blockedTo: Temporal.Instant.from(row.ends_at).toString(),
  eventId: row.event_id,
  title: row.title,
});

async function named(em: EntityManager, select: string, ids: string[]): Promise<Named[]> {
  const rows = await em.execute<Named[]>(`${select} where id in (select jsonb_array_elements_text(?::jsonb)::uuid)`, [JSON.stringify(ids)]);
  if (rows.length < ids.length) throw new AppError('NOT_FOUND', 'One of these people or resources does not exist.');
  return rows;
}

/** What is being changed stands in nobody's way: the event, and with it its whole series. */
async function exceptOf(em: EntityManager, id: string | undefined): Promise<{ eventId: string | null; seriesId: string | null }> {
  if (id === undefined) return { eventId: null, seriesId: null };
  const virtual = parseEventId(id);
  if (virtual) return { eventId: null, seriesId: virtual.seriesId };
  const [row] = await em.execute<{ series_id: string | null }[]>('select series_id from event where id = ?', [id]);
  return { eventId: id, seriesId: row?.series_id ?? null };
}

type Except = { eventId: string | null; seriesId: string | null };
type Window = { from: string; to: string };

/** A task takes no time, and of whole days only leave does: the rest is a note on the day. */
const TAKES_TIME = `e.status in ('tentative', 'confirmed') and e.kind <> 'task' and (not e.all_day or e.kind = 'leave')`;
const EXCEPT = `e.id is distinct from given.event_id and (given.series_id is null or e.series_id is distinct from given.series_id)`;
const readable = (actor: UserActor) =>
  `(e.visibility = 'public' ${isStaff(actor) ? `or e.visibility = 'staff'` : ''} or e.organizer_id = given.own or e.assignee_id = given.own or ${takesPart({ event: 'e.id' }, 'given.own')})`;
const GIVEN = `given as (select ?::uuid as own, ?::uuid as event_id, ?::uuid as series_id, ?::timestamptz as begins, ?::timestamptz as ends,
  ?::jsonb as subjects)`;
const given = (actor: UserActor, except: Except, window: Window, subjects: Named[]) => [
  ...[actor.id, except.eventId, except.seriesId, window.from, window.to],
  JSON.stringify(subjects.map(({ id }) => id)),
];

/** Everything that these people organize or take part in, in the window, but for what they said no to. */
const personRows = (em: EntityManager, actor: UserActor, people: Named[], window: Window, except: Except): Promise<Row[]> =>
  em.execute<Row[]>(
    `with ${GIVEN}, people as (select jsonb_array_elements_text(subjects)::uuid as id from given),
     concerned as (
       select p.id as subject, e.id as event_id from people p join event e on e.organizer_id = p.id
         cross join given where e.starts_at < given.ends and e.starts_at > given.begins - interval '180 days' and e.ends_at > given.begins
       union select part.user_id, part.event_id from participant part
         where part.user_id in (select id from people) and part.status in ('approved', 'joined', 'left')
       union select p.id, part.event_id from people p join "user" account on account.id = p.id
         join event_invitation part on part.user_id = p.id or part.email = account.email where part.answer is distinct from 'no'
       union select part.user_id, part.meeting_id from meeting_co_hosts part where part.user_id in (select id from people))
     select c.subject, e.starts_at, e.ends_at, 1 as unit, case when e.kind = 'leave' then 'leave' else 'person' end as kind,
       case when ${readable(actor)} then e.id end as event_id, case when ${readable(actor)} then e.title end as title
     from concerned c join event e on e.id = c.event_id cross join given
     where e.starts_at < given.ends and e.ends_at > given.begins and ${TAKES_TIME} and ${EXCEPT} order by e.starts_at`,
    given(actor, except, window, people),
  );

/** What is booked of these resources, with the time before and after that is needed between two bookings. */
const resourceRows = (em: EntityManager, actor: UserActor, resources: Named[], window: Window, except: Except): Promise<Row[]> =>
  em.execute<Row[]>(
    `with ${GIVEN}
     select b.resource_id as subject, lower(b.blocked) as starts_at, upper(b.blocked) as ends_at, b.unit, 'resource' as kind,
       case when e.id is not null and ${readable(actor)} then e.id end as event_id,
       case when e.id is not null and ${readable(actor)} then e.title end as title
     from booking b cross join given left join event e on e.id = b.event_id
     where b.resource_id in (select jsonb_array_elements_text(given.subjects)::uuid) and b.status in ('pending', 'held', 'approved')
       and b.blocked && tstzrange(given.begins, given.ends) and (e.id is null or (${EXCEPT})) order by lower(b.blocked)`,
    given(actor, except, window, resources),
  );
