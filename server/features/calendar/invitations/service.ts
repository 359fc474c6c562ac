import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Input } from '../../../contract/define.ts';
import { AppError } from '../../../contract/errors.ts';
import type { EventPeople, EventPerson, eventPeopleOperations } from '../../../contract/event-people.ts';
import type { Scope } from '../../../contract/recurrence.ts';
import type { UserActor } from '../../../kernel/actor.ts';
import type { Database, Tx } from '../../../kernel/database.ts';
import { invalid } from '../../../kernel/errors.ts';
import { eventActions, type EventAction } from '../../../policy.ts';
import { User } from '../../accounts/entity.ts';
import { tellCalendar, touchedBy } from '../changes/service.ts';
import { Event } from '../entity.ts';
import { lockEvent, readEvent } from '../reading/service.ts';
import { lastRow } from '../series/rows/service.ts';
import type { SeriesService } from '../series/service.ts';
import { addInvitations, answerInvitations, peopleOf, removeInvitations, type Somebody, setRequired, subjectOf } from './rows/service.ts';
import { EventInvitation } from './entity.ts';
import { peopleView, personView } from './view.ts';

type Operations = typeof eventPeopleOperations;
type Body<Id extends 'askToEvent' | 'answerEvent' | 'changeEventPerson'> = Input<Operations[Id]>['body'];
type One = { id: string; invitationId: string };

/** Who is asked to an event, and what they answer. Of a series each occurrence has its own people and answers. */
export class EventPeopleService {
  #database: Database;
  #series: SeriesService;

  constructor(database: Database, series: SeriesService) {
    this.#database = database;
    this.#series = series;
  }

  async list(actor: UserActor, id: string): Promise<EventPeople> {
    const em = this.#database.reader();
    const { event, relation, isRow } = await readEvent(em, actor, id, 'event.read');
    const rows = isRow
      ? await peopleOf(em, actor, event.id)
      : await peopleOf(em, actor, event.series ? await lastRow(em, event.series.id) : null, true);
    return peopleView(rows, event.capacity ?? null, eventActions(relation).includes('invitation.manage'));
  }

  async ask(actor: UserActor, id: string, { isRequired = true, ...who }: Body<'askToEvent'>, scope: Scope = 'this'): Promise<EventPerson> {
    return this.#database.transact(actor, async (tx) => {
      const event = await this.#lock(tx, actor, id, 'invitation.manage');
      requireHeld(event);
      const somebody = await somebodyOf(tx.em, who);
      if (somebody.userId === event.organizer.id) throw new AppError('CONFLICT', 'Whoever organizes it need not be asked.');
      const events = await eventsIn(tx, event, scope);
      const asked = new Set(
        await addInvitations(tx, idsOf(events), { ...somebody, isRequired, forSeries: scope !== 'this' || !event.series }),
      );
      if (!asked.size) throw new AppError('CONFLICT', 'This person is asked already.');
      await tellCalendar(tx, events.filter(({ id: each }) => asked.has(each)).map(touchedBy));
      const seen = asked.has(event.id) ? event.id : [...asked][0]!;
      const found = await tx.em.findOneOrFail(EventInvitation, { event: seen, user: somebody.userId, email: somebody.email });
      tx.audit({ ...about(found), action: 'invitation.add', details: scoped(event, scope) });
      return this.#person(tx, actor, found);
    });
  }

  async change(actor: UserActor, one: One, { isRequired }: Body<'changeEventPerson'>, scope: Scope = 'this'): Promise<EventPerson> {
    return this.#database.transact(actor, async (tx) => {
      const { event, found, somebody } = await this.#find(tx, actor, one);
      const events = await eventsIn(tx, event, scope);
      await setRequired(tx, idsOf(events), somebody, isRequired);
      await tellCalendar(tx, events.map(touchedBy));
      tx.audit({ ...about(found), action: 'invitation.update', details: { isRequired, ...scoped(event, scope) } });
      return this.#person(tx, actor, found);
    });
  }

  async withdraw(actor: UserActor, one: One, scope: Scope = 'this'): Promise<void> {
    await this.#database.transact(actor, async (tx) => {
      const { event, found, somebody } = await this.#find(tx, actor, one);
      const events = await eventsIn(tx, event, scope);
      // Before it is done: afterwards it is no business of theirs, and their calendar has to hear that it is gone.
      await tellCalendar(tx, events.map(touchedBy));
      tx.audit({ ...about(found), action: 'invitation.withdraw', details: scoped(event, scope) });
      await removeInvitations(tx, idsOf(events), somebody);
    });
  }

  async answer(actor: UserActor, id: string, { answer, comment }: Body<'answerEvent'>, scope: Scope = 'this'): Promise<EventPerson> {
    return this.#database.transact(actor, async (tx) => {
      const event = await this.#lock(tx, actor, id, 'event.read');
      const events = await eventsIn(tx, event, scope);
      const answered = new Set(await answerInvitations(tx, actor, idsOf(events), { answer, comment, forSeries: scope !== 'this' }));
      if (!answered.has(event.id)) throw new AppError('NOT_ALLOWED', 'You are not asked to this event.');
      requireHeld(event);
      if (Temporal.Instant.compare(event.endsAt, tx.now) <= 0) throw new AppError('CONFLICT', 'This event is over.');
      await tellCalendar(tx, events.filter(({ id: each }) => answered.has(each)).map(touchedBy));
      const own = (await peopleOf(tx.em, actor, event.id)).find((row) => row.is_own)!; // answered just now
      const subject = { scope: event.id, resourceType: 'user', resourceId: actor.id };
      tx.audit({ ...subject, action: 'invitation.answer', details: { answer, ...scoped(event, scope) } });
      return personView(own);
    });
  }

  async #lock(tx: Tx, actor: UserActor, id: string, action: EventAction): Promise<Event> {
    return (await lockEvent(tx, actor, id, action, (...occurrence) => this.#series.materialize(...occurrence))).event;
  }

  async #find(tx: Tx, actor: UserActor, { id, invitationId }: One) {
    const event = await this.#lock(tx, actor, id, 'invitation.manage');
    const found = await tx.em.findOne(EventInvitation, { id: invitationId, event: event.id });
    if (!found) throw new AppError('NOT_FOUND', 'There is no such invitation.');
    const somebody: Somebody = { userId: found.user?.id ?? null, email: found.email ?? null };
    return { event, found, somebody };
  }

  async #person({ em }: Tx, actor: UserActor, { id, event }: EventInvitation): Promise<EventPerson> {
    return personView((await peopleOf(em, actor, event.id)).find((row) => row.id === id)!); // locked, and there
  }
}

/** The occurrences that are meant, locked: this one, and with another scope those to come (from this one on, or all). */
async function eventsIn({ em, now }: Tx, event: Event, scope: Scope): Promise<Event[]> {
  const { series } = event;
  if (!series || scope === 'this') return [event];
  const others = await em.find(
    Event,
    {
      ...{ series: series.id, id: { $ne: event.id }, status: { $ne: 'cancelled' }, endsAt: { $gt: now } },
      ...(scope === 'following' && event.originalStartsAt ? { originalStartsAt: { $gt: event.originalStartsAt } } : {}),
    },
    { orderBy: { id: 'asc' }, lockMode: LockMode.PESSIMISTIC_WRITE },
  );
  return [event, ...others];
}

/** An account by its id, or an e-mail address: one of the two. */
async function somebodyOf(em: EntityManager, { userId, email }: { userId?: string; email?: string }): Promise<Somebody> {
  if ((email === undefined) === (userId === undefined))
    throw invalid({ field: '/body/email', rule: 'one', message: 'is needed, or else the id of an account' });
  if (userId !== undefined && !(await em.count(User, { id: userId }))) throw new AppError('NOT_FOUND', 'There is no such person.');
  return { userId: userId ?? null, email: email?.toLowerCase() ?? null };
}

function requireHeld({ status }: Event): void {
  if (status === 'cancelled') throw new AppError('CONFLICT', 'This event is cancelled.');
}

const idsOf = (events: readonly Event[]): string[] => events.map(({ id }) => id);
const about = ({ id, event, user }: EventInvitation) => ({ scope: event.id, ...subjectOf({ id, user_id: user?.id ?? null }) });
const scoped = ({ series }: Event, scope: Scope) => (series ? { scope } : {});
