import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../../contract/errors.ts';
import type { MeetingInvitation as MeetingInvitationView } from '../../../contract/meeting-invitations.ts';
import type { Actor, UserActor } from '../../../kernel/actor.ts';
import type { Database } from '../../../kernel/database.ts';
import { invalid } from '../../../kernel/errors.ts';
import { newId } from '../../../kernel/ids.ts';
import { DEFAULT_LIMIT, page, readCursor } from '../../../kernel/paging.ts';
import { requireInstant } from '../../../kernel/time.ts';
import { authorizeMeeting } from '../../../policy.ts';
import { User } from '../../accounts/entity.ts';
import { tellCalendar, touchedBy } from '../../calendar/changes/service.ts';
import { MeetingInvitation } from '../entity.ts';
import { roleIn } from '../participants/service.ts';
import { findMeeting, lockMeeting } from '../service.ts';
import { invitationView } from './view.ts';

/** Is this account invited by name: as itself, or by its e-mail address? Guests never are: nobody vouches for what they type. */
export async function isInvited(em: EntityManager, meetingId: string, actor: Actor): Promise<boolean> {
  if (actor.type !== 'user') return false;
  const [row] = await em.execute<{ invited: boolean }[]>(
    `select exists (
       select from meeting_invitation i join "user" u on u.id = i.user_id or u.email = i.email where i.meeting_id = ? and u.id = ?
     ) as invited`,
    [meetingId, actor.id],
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
      MeetingInvitation,
      { meeting: id, ...(before ? { $or: [{ createdAt: { $lt: before } }, { createdAt: before, id: { $lt: after![1]! } }] } : {}) },
      { orderBy: { createdAt: 'desc', id: 'desc' }, limit: limit + 1, populate: ['user', 'invitedBy'] },
    );
    return page(found, limit, invitationView, ({ createdAt, id }) => [createdAt.toString(), id]);
  }

  async invite(actor: UserActor, id: string, { email, userId }: { email?: string; userId?: string }): Promise<MeetingInvitationView> {
    return this.#database.transact(actor, async (tx) => {
      const { em, now, audit } = tx;
      const meeting = await lockMeeting(em, id);
      authorizeMeeting(await roleIn(em, meeting, actor), 'invitation.manage');
      if ((email === undefined) === (userId === undefined))
        throw invalid({ field: '/body/email', rule: 'one', message: 'is needed, or else the id of an account' });
      const user = userId === undefined ? null : await em.findOne(User, { id: userId });
      if (userId !== undefined && !user) throw new AppError('NOT_FOUND', 'There is no such person.');
      const invitation = em.create(MeetingInvitation, {
        ...{ id: newId(), meeting, user, createdAt: now },
        email: email?.toLowerCase() ?? null,
        invitedBy: await em.findOneOrFail(User, { id: actor.id }),
      });
      await em.flush();
      await tellCalendar(tx, [touchedBy(meeting.event)]);
      audit({ scope: id, action: 'invitation.add', ...subject(invitation) });
      return invitationView(invitation);
    });
  }

  async withdraw(actor: UserActor, id: string, invitationId: string): Promise<void> {
    await this.#database.transact(actor, async ({ em, audit }) => {
      const meeting = await lockMeeting(em, id);
      authorizeMeeting(await roleIn(em, meeting, actor), 'invitation.manage');
      const invitation = await em.findOne(MeetingInvitation, { id: invitationId, meeting: id });
      if (!invitation) throw new AppError('NOT_FOUND', 'There is no such invitation.');
      em.remove(invitation);
      audit({ scope: id, action: 'invitation.withdraw', ...subject(invitation) });
    });
  }
}

/** Whom the trail names: the account, or the invitation where there is only an address. */
const subject = ({ id, user }: MeetingInvitation) =>
  user ? { resourceType: 'user', resourceId: user.id } : { resourceType: 'invitation', resourceId: id };
