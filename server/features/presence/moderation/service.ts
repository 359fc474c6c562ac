import { AppError } from '../../../contract/errors.ts';
import type { ModeratedSource } from '../../../contract/media.ts';
import type { EXITS, Meeting as MeetingView, Participant as ParticipantView } from '../../../contract/meetings.ts';
import type { Ban as BanView } from '../../../contract/participants.ts';
import type { UserActor } from '../../../kernel/actor.ts';
import type { Database, Tx } from '../../../kernel/database.ts';
import { invalid } from '../../../kernel/errors.ts';
import { newId } from '../../../kernel/ids.ts';
import { requireInstant } from '../../../kernel/time.ts';
import { authorizeMeeting, type MeetingAction, type MeetingRole, mayProduce, outranks, requireOutranks } from '../../../policy.ts';
import { User } from '../../accounts/entity.ts';
import { myself } from '../../accounts/service.ts';
import { rowsOf } from '../../meetings/bans/service.ts';
import { banView } from '../../meetings/bans/view.ts';
import { type Meeting, MeetingCoHost } from '../../meetings/entity.ts';
import { Ban, type Participant } from '../../meetings/participants/entity.ts';
import { placeOf, roleIn, tellAccounts, tellAttended } from '../../meetings/participants/service.ts';
import { lobbyState, participantView, waitingView } from '../../meetings/participants/view.ts';
import { findParticipant, type Revoke } from '../../meetings/roles/service.ts';
import { lockMeeting } from '../../meetings/service.ts';
import { meetingView, roomMeeting } from '../../meetings/view.ts';
import { goOut } from '../stays/service.ts';

/** `asked`: somebody is to be asked to turn a source on. */
export type Voice = { revoke: Revoke; asked: (participantId: string, source: ModeratedSource, by: string) => void };
type Scene = { tx: Tx; meeting: Meeting; participant: Participant; by: User; role: MeetingRole };

/** What those who moderate do about others. It takes effect at once, on every server: the seats listen to the changes. */
export class ModerationService {
  #database: Database;
  #voice: Voice;

  constructor(database: Database, voice: Voice) {
    this.#database = database;
    this.#voice = voice;
  }

  /** Stops a source; without `mayResume` the person cannot turn it on again until asked to, or given another role. */
  mute(
    actor: UserActor,
    id: string,
    participantId: string,
    input: { source: ModeratedSource; mayResume?: boolean },
  ): Promise<ParticipantView> {
    const { source, mayResume = true } = input;
    return this.#about(actor, id, participantId, 'participant.mute', async ({ tx, participant, by }) => {
      requirePresent(participant);
      if (!mayResume) participant.allowed = { ...participant.allowed, [source]: false };
      tx.record(`meeting:${id}`, { name: 'participant.muted', data: { participantId, source, mayResume, by: by.name } });
      audit(tx, participant, 'participant.mute', { source, mayResume });
      return participantView(participant);
    });
  }

  ask(actor: UserActor, id: string, participantId: string, source: ModeratedSource): Promise<ParticipantView> {
    return this.#about(actor, id, participantId, 'participant.mute', async ({ tx, meeting, participant, by }) => {
      requirePresent(participant);
      const may = mayProduce(participant.role, meeting.effectiveSettings, participant.allowed);
      if (!may[source]) {
        participant.allowed = { ...participant.allowed, [source]: true };
        tx.record(`meeting:${id}`, { name: 'participant.changed', data: { participant: participantView(participant) } });
      }
      tx.afterCommit(() => this.#voice.asked(participantId, source, by.name));
      audit(tx, participant, 'participant.ask', { source });
      return participantView(participant);
    });
  }

  /** All attendees; presenters and above go on. What single attendees were allowed beside that is taken back. */
  async muteAll(actor: UserActor, id: string, mayUnmute: boolean): Promise<MeetingView> {
    return this.#database.transact(actor, async (tx) => {
      const { em, record } = tx;
      const meeting = await lockMeeting(em, id);
      const role = await roleIn(em, meeting, actor);
      authorizeMeeting(role, 'participant.mute');
      if (meeting.liveStatus !== 'live') throw new AppError('MEETING_NOT_LIVE', 'This meeting is not live.');
      const by = await myself(em, actor);
      await em.execute(`update participant set allowed = allowed - 'microphone'::text where event_id = ? and role = 'attendee'`, [id]);
      if (meeting.effectiveSettings.attendeesMaySpeak !== mayUnmute) {
        meeting.settings = { ...meeting.settings, attendeesMaySpeak: mayUnmute };
        await em.flush();
        record(`meeting:${id}`, { name: 'meeting.changed', data: { meeting: roomMeeting(meeting) } });
      }
      record(`meeting:${id}`, { name: 'attendees.muted', data: { mayUnmute, by: by.name } });
      tx.audit({ scope: id, action: 'participant.muteAll', resourceType: 'meeting', resourceId: id, details: { mayUnmute } });
      return meetingView(meeting, actor.id, role);
    });
  }

  remove(actor: UserActor, id: string, participantId: string): Promise<ParticipantView> {
    return this.#about(actor, id, participantId, 'participant.remove', async (scene) => {
      await this.#putOut(scene, 'removed');
      audit(scene.tx, scene.participant, 'participant.remove', {});
      return participantView(scene.participant);
    });
  }

  returnToWaiting(actor: UserActor, id: string, participantId: string): Promise<ParticipantView> {
    return this.#about(actor, id, participantId, 'participant.remove', async (scene) => {
      const { tx, participant, meeting } = scene;
      if (meeting.liveStatus === 'ended') throw new AppError('CONFLICT', 'This meeting has ended.');
      await this.#putOut(scene, 'returned');
      tx.record(`desk:${id}`, { name: 'waiting.joined', data: { participant: waitingView(participant) } });
      audit(tx, participant, 'participant.return', {});
      return participantView(participant);
    });
  }

  /** Holds against the account, its e-mail address and the device, whatever the name; every row of this person is put out. */
  async ban(actor: UserActor, id: string, participantId: string, input: { reason?: string; expiresAt?: string }): Promise<BanView> {
    const expiresAt = input.expiresAt === undefined ? null : requireInstant(input.expiresAt, '/body/expiresAt');
    if (expiresAt && Temporal.Instant.compare(expiresAt, this.#database.clock.now()) <= 0)
      throw invalid({ field: '/body/expiresAt', rule: 'future', message: 'must be in the future' });
    return this.#about(actor, id, participantId, 'ban.manage', async (scene) => {
      const { tx, meeting, participant, by, role } = scene;
      if (participant.status === 'banned') throw new AppError('CONFLICT', 'This person is banned already.');
      const user = participant.user && (await tx.em.findOneOrFail(User, { id: participant.user.id }));
      const ban = tx.em.create(Ban, {
        ...{
          id: newId(),
          event: meeting.event,
          participant,
          bannedBy: by,
          createdAt: tx.now,
          expiresAt,
          reason: input.reason?.trim() ?? '',
        },
        ...(user ? { user, email: user.email } : {}),
        deviceId: participant.deviceId ?? participant.browserId ?? null,
      });
      for (const row of await rowsOf(tx.em, id, ban))
        if (row.status !== 'banned' && outranks(role, row.role)) await this.#putOut({ ...scene, participant: row }, 'banned');
      audit(tx, participant, 'participant.ban', { ban: ban.id, expiresAt: expiresAt?.toString() ?? null });
      return banView(ban);
    });
  }

  /** Locks the meeting, and asks policy and ranks, in this order. */
  #about<T>(actor: UserActor, id: string, participantId: string, action: MeetingAction, act: (scene: Scene) => Promise<T>): Promise<T> {
    return this.#database.transact(actor, async (tx) => {
      const meeting = await lockMeeting(tx.em, id);
      const role = await roleIn(tx.em, meeting, actor);
      authorizeMeeting(role, action);
      const participant = await findParticipant(tx.em, id, participantId);
      requireOutranks(role!, participant.role); // authorized: has a role
      return act({ tx, meeting, participant, by: await myself(tx.em, actor), role: role! });
    });
  }

  async #putOut({ tx, meeting, participant, by }: Scene, how: Exclude<(typeof EXITS)[number], 'left'>): Promise<void> {
    const { em, now, record } = tx;
    const { id } = meeting;
    const { status: before, waitingSeenAt, user } = participant;
    if (before === 'joined') await goOut(tx, participant, now, how);
    participant.putOut(how, now, by);
    if (user) await em.nativeDelete(MeetingCoHost, { meeting: id, user: user.id });
    await em.flush();
    if (before === 'pending' && waitingSeenAt)
      record(`desk:${id}`, { name: 'waiting.left', data: { participantId: participant.id, outcome: 'declined', by: by.name } });
    record(`lobby:${participant.id}`, { name: 'lobby.changed', data: lobbyState(meeting, participant, await placeOf(em, participant)) });
    await tellAttended(tx, meeting);
    await tellAccounts(tx, meeting);
    if (user) record(`user:${user.id}`, { name: 'meetings.changed', data: { meetingId: id } });
    const room = `actor:${user?.id ?? participant.deviceId}`;
    tx.afterCommit(() => {
      this.#voice.revoke(room, `meeting:${id}`, 'NOT_ADMITTED');
      this.#voice.revoke(room, `person:${participant.id}`, 'NOT_ADMITTED');
      this.#voice.revoke(room, `desk:${id}`, 'NOT_ALLOWED');
    });
  }
}

function requirePresent({ status }: Participant): void {
  if (status !== 'joined') throw new AppError('CONFLICT', `This person is not in the room (${status}).`);
}

function audit(tx: Tx, { id, event }: Participant, action: string, details: { [key: string]: string | boolean | null }): void {
  tx.audit({ scope: event.id, action, resourceType: 'participant', resourceId: id, details });
}
