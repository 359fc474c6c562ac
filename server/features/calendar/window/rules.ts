/** What a window asks for, as conditions of SQL over `e` (an event, or a series), `u` (its organizer) and `own` (the caller). */
import type { UserActor } from '../../../kernel/actor.ts';
import { isStaff, type Source, takesPart } from '../access/service.ts';

export type Filters = {
  kinds?: string;
  q?: string;
  status?: string;
  priority?: string;
  organizer?: string;
  assignee?: string;
  community?: string;
  resource?: string;
  mine?: boolean;
  busy?: boolean;
};

/** A condition with the values of its question marks. */
export type Condition = { sql: string; values: unknown[] };
export const condition = (sql: string, ...values: unknown[]): Condition => ({ sql, values });

export const isMine = (source: Source): string => `(e.organizer_id = own.id or e.assignee_id = own.id or ${takesPart(source, 'own.id')})`;
/** The people of the row itself. */
export const OWN_PEOPLE: Source = { event: 'e.id' };

const IS_BOOKED = `exists (select from booking b where b.event_id = e.id and b.resource_id = ? and b.status in ('pending', 'held', 'approved'))`;
const SAYS = '(e.title ilike ? or e.description ilike ? or e.location ilike ? or e.community ilike ? or u.name ilike ?)';

/** Beside the time. `withBusy`: what the caller may not read is among the rows, to be shown as a busy time. */
export function conditionsOf(actor: UserActor, query: Filters, people = OWN_PEOPLE): { conditions: Condition[]; withBusy: boolean } {
  const words = (column: string, list: string | undefined) =>
    list === undefined ? [] : [condition(`${column} in (select jsonb_array_elements_text(?::jsonb))`, JSON.stringify(list.split(',')))];
  const equal = (column: string, value: string | undefined) => (value === undefined ? [] : [condition(`${column} = ?`, value)]);
  const like = query.q?.trim() ? `%${query.q.trim().replace(/[\\%_]/g, '\\$&')}%` : null;
  const open = [
    ...equal('e.organizer_id', query.organizer),
    ...(query.resource === undefined ? [] : [condition(IS_BOOKED, query.resource)]),
  ];
  // What a busy time does not tell: one that answers to such a filter would tell it after all.
  const closed = [
    ...words('e.kind', query.kinds),
    ...words('e.status', query.status),
    ...words('e.priority', query.priority),
    ...equal('e.assignee_id', query.assignee),
    ...equal('e.community', query.community),
    ...(query.mine ? [condition(isMine(people))] : []),
    ...(like === null ? [] : [condition(SAYS, like, like, like, like, like)]),
  ];
  const withBusy = isStaff(actor) && query.busy !== false && !closed.length;
  const readable = `(e.visibility = 'public' ${isStaff(actor) ? `or e.visibility = 'staff'` : ''} or ${isMine(people)})`;
  return {
    conditions: [
      ...open,
      ...closed,
      ...(query.status === undefined ? [condition(`e.status <> 'cancelled'`)] : []),
      ...(withBusy ? [] : [condition(readable)]),
    ],
    withBusy,
  };
}
