import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../../contract/errors.ts';
import type { MeetingInvitation as MeetingInvitationView } from '../../../contract/meeting-invitations.ts';
import type { Actor, UserActor } from '../../../kernel/actor.ts';
import type { Database, Tx } from '../../../kernel/database.ts';
import { invalid } from '../../../kernel/errors.ts';
import { DEFAULT_LIMIT, page, readCursor } from '../../../kernel/paging.ts';
import { run } from '../../../kernel/statement.ts';
import { requireInstant } from '../../../kernel/time.ts';
import { authorizeMeeting } from '../../../policy.ts';
import { User } from '../../accounts/entity.ts';
import { isAbout } from '../../calendar/access/service.ts';
import { tellCalendar, touchedBy } from '../../calendar/changes/service.ts';
import { EventInvitation } from '../../calendar/invitations/entity.ts';
import { addInvitations, removeInvitations, subjectOf } from '../../calendar/invitations/rows/service.ts';
import { lockSpine } from '../../calendar/reading/service.ts';
import { roleIn } from '../participants/service.ts';
import { findMeeting, lockMeeting } from '../service.ts';
import { invitationView } from './view.ts';

/** Is this account invited by name: as itself, or by its e-mail address? Guests never are: nobody vouches for what they type. */
export async function isInvited(em: EntityManager, meetingId: string, actor: Actor): Promise<boolean> {
  if (actor.type !== 'user') return false;
  const [row] = await run<{ invited: boolean }>(
    em,
    `select exists (
       select from event_invitation i cross join (select $1::uuid as id) own where i.event_id = $2 and ${isAbout('i', 'own.id')}
     ) as invited`,
    [actor.id, meetingId],
  );
  return row!.invited;
}

/** Who is asked for no code at the door of a private meeting, and may be let in without waiting. */
export class MeetingInvitationService {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(
    actor: UserActor,
    id: string,
    query: { after?: string; limit?: number },
  ): Promise<{ items: MeetingInvitationView[]; next: string | null }> {
    const em = this.#database.reader();
    authorizeMeeting(await roleIn(em, await findMeeting(em, id), actor), 'invitation.manage');
    const limit = query.limit ?? DEFAULT_LIMIT;
    const after = readCursor(query.after, 2);
    const before = after ? requireInstant(after[0]!, '/query/after') : null;
    const found = await em.find(
      EventInvitation,
      { event: id, ...(before ? { $or: [{ createdAt: { $lt: before } }, { createdAt: before, id: { $lt: after![1]! } }] } : {}) },
      { orderBy: { createdAt: 'desc', id: 'desc' }, limit: limit + 1, populate: ['user', 'invitedBy'] },
    );
    return page(found, limit, invitationView, ({ createdAt, id }) => [createdAt.toString(), id]);
  }

  async invite(actor: UserActor, id: string, { email, userId }: { email?: string; userId?: string }): Promise<MeetingInvitationView> {
    return this.#database.transact(actor, async (tx) => {
      const { em, audit } = tx;
      const meeting = await this.#lock(tx, actor, id);
      if ((email === undefined) === (userId === undefined))
        throw invalid({ field: '/body/email', rule: 'one', message: 'is needed, or else the id of an account' });
      if (userId !== undefined && !(await em.count(User, { id: userId }))) throw new AppError('NOT_FOUND', 'There is no such person.');
      const somebody = { userId: userId ?? null, email: email?.toLowerCase() ?? null };
      const [asked] = await addInvitations(tx, [id], { ...somebody, isRequired: true, forSeries: !meeting.event.series });
      if (asked === undefined) throw new AppError('CONFLICT', 'This person is invited already.');
      const invitation = await em.findOneOrFail(
        EventInvitation,
        { event: id, user: somebody.userId, email: somebody.email },
        { populate: ['user', 'invitedBy'] },
      );
      await tellCalendar(tx, [touchedBy(meeting.event)]);
      audit({ scope: id, action: 'invitation.add', ...subject(invitation) });
      return invitationView(invitation);
    });
  }

  async withdraw(actor: UserActor, id: string, invitationId: string): Promise<void> {
    await this.#database.transact(actor, async (tx) => {
      const meeting = await this.#lock(tx, actor, id);
      const invitation = await tx.em.findOne(EventInvitation, { id: invitationId, event: id });
      if (!invitation) throw new AppError('NOT_FOUND', 'There is no such invitation.');
      // Before it is done: the calendar of whoever is invited no more has to hear of it, too.
      await tellCalendar(tx, [touchedBy(meeting.event)]);
      tx.audit({ scope: id, action: 'invitation.withdraw', ...subject(invitation) });
      await removeInvitations(tx, [id], { userId: invitation.user?.id ?? null, email: invitation.email ?? null });
    });
  }

  /** The event first: places of an event are counted with it locked. */
  async #lock({ em }: Tx, actor: UserActor, id: string) {
    await lockSpine(em, id);
    const meeting = await lockMeeting(em, id);
    authorizeMeeting(await roleIn(em, meeting, actor), 'invitation.manage');
    return meeting;
  }
}

const subject = ({ id, user }: EventInvitation) => subjectOf({ id, user_id: user?.id ?? null });
