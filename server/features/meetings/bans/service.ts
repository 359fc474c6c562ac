import type { EntityManager } from '@mikro-orm/postgresql';
import { AppError } from '../../../contract/errors.ts';
import type { Ban as BanView } from '../../../contract/participants.ts';
import type { Actor, UserActor } from '../../../kernel/actor.ts';
import type { Database } from '../../../kernel/database.ts';
import { DEFAULT_LIMIT, page, readCursor } from '../../../kernel/paging.ts';
import { run } from '../../../kernel/statement.ts';
import { authorizeMeeting } from '../../../policy.ts';
import { User } from '../../accounts/entity.ts';
import { Ban, Participant } from '../participants/entity.ts';
import { roleIn } from '../participants/service.ts';
import { lobbyState } from '../participants/view.ts';
import { findMeeting, lockMeeting } from '../service.ts';
import { banView } from './view.ts';

/** Neither lifted nor over. */
const inForce = (now: Temporal.Instant) => ({ liftedAt: null, $or: [{ expiresAt: null }, { expiresAt: { $gt: now } }] });

/** Is this person kept out of the meeting: by account, by its e-mail address, or by the device? */
export async function isBanned(em: EntityManager, meetingId: string, actor: Actor, now: Temporal.Instant): Promise<boolean> {
  const user = actor.type === 'user' ? await em.findOne(User, { id: actor.id }) : null;
  const device = actor.type === 'user' ? actor.deviceId : actor.id;
  return keepsOut(em, meetingId, now, { user, device });
}

/** As `isBanned`, for an account that is not acting, wherever it may be. */
export const isBannedAccount = (em: EntityManager, meetingId: string, user: User, now: Temporal.Instant): Promise<boolean> =>
  keepsOut(em, meetingId, now, { user, device: null });

async function keepsOut(
  em: EntityManager,
  meetingId: string,
  now: Temporal.Instant,
  { user, device }: { user: User | null; device: string | null },
): Promise<boolean> {
  await em.tryFlush(Ban, {});
  const [row] = await run<{ banned: boolean }>(
    em,
    `select exists (
       select from ban where event_id = $1 and lifted_at is null and (expires_at is null or expires_at > $2)
       and (user_id = $3 or email = $4 or device_id = $5)
     ) as banned`,
    [meetingId, now.toString(), user?.id ?? null, user?.email ?? null, device],
  );
  return row!.banned;
}

/** Every row of a banned person in a meeting: the account's, and those of the same device. */
export const rowsOf = (em: EntityManager, meetingId: string, { user, deviceId }: Pick<Ban, 'user' | 'deviceId'>): Promise<Participant[]> =>
  em.find(Participant, {
    event: meetingId,
    $or: [...(user ? [{ user: user.id }] : []), ...(deviceId ? [{ deviceId }, { browserId: deviceId }] : [])],
  });

export class BanService {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(actor: UserActor, id: string, query: { after?: string; limit?: number }): Promise<{ items: BanView[]; next: string | null }> {
    const em = this.#database.reader();
    authorizeMeeting(await roleIn(em, await findMeeting(em, id), actor), 'ban.manage');
    const limit = query.limit ?? DEFAULT_LIMIT;
    const after = readCursor(query.after, 1);
    const bans = await em.find(
      Ban,
      { event: id, ...inForce(this.#database.clock.now()), ...(after ? { id: { $lt: after[0]! } } : {}) },
      { orderBy: { id: 'desc' }, limit: limit + 1, populate: ['participant', 'bannedBy'] },
    );
    return page(bans, limit, banView, (ban) => [ban.id]);
  }

  /** From now on the person may ask again; nobody is let in by it. */
  async lift(actor: UserActor, id: string, banId: string): Promise<void> {
    await this.#database.transact(actor, async (tx) => {
      const { em, now } = tx;
      const meeting = await lockMeeting(em, id);
      authorizeMeeting(await roleIn(em, meeting, actor), 'ban.manage');
      const ban = await em.findOne(Ban, { id: banId, event: id, ...inForce(now) });
      if (!ban) throw new AppError('NOT_FOUND', 'There is no such ban.');
      ban.liftedAt = now;
      await em.flush();
      for (const participant of await rowsOf(em, id, ban)) {
        if (participant.status !== 'banned') continue;
        participant.forgive();
        tx.record(`lobby:${participant.id}`, { name: 'lobby.changed', data: lobbyState(meeting, participant, null) });
      }
      tx.audit({ scope: id, action: 'ban.lift', resourceType: 'participant', resourceId: ban.participant.id, details: { ban: banId } });
    });
  }
}
