import { defineEntity, type Opt, p } from '@mikro-orm/core';
import { AppError } from '../../../contract/errors.ts';
import type { MayProduce } from '../../../contract/media.ts';
import { type EXITS, MEETING_ROLES, PARTICIPANT_STATUSES } from '../../../contract/meetings.ts';
import type { WaitingMessage } from '../../../contract/waiting-room.ts';
import { InstantType } from '../../../kernel/instant.ts';
import { User } from '../../accounts/entity.ts';
import { Event } from '../../calendar/entity.ts';

type MeetingRole = (typeof MEETING_ROLES)[number];
type Exit = (typeof EXITS)[number];
const OUTSIDE = { removed: 'declined', returned: 'pending', banned: 'banned' } as const satisfies Record<Exclude<Exit, 'left'>, string>;

/** Whoever was turned away may ask again after this, `MOST_RETURNS` times in one meeting. */
const COOL_DOWN = { seconds: 60 };
const MOST_RETURNS = 2;
const MOST_MESSAGES = 20;

/** One person in one event: an account, or a guest known by the signed cookie of their device. */
export const ParticipantSchema = defineEntity({
  name: 'Participant',
  indexes: [
    { properties: ['event', 'status'] },
    { properties: ['role'] },
    { properties: ['status'] },
    {
      name: 'participant_waiting_index',
      expression: 'create index "participant_waiting_index" on "participant" ("waiting_seen_at") where waiting_seen_at is not null',
    },
    {
      name: 'participant_spotlit_unique',
      expression: 'create unique index "participant_spotlit_unique" on "participant" ("event_id") where spotlit',
    },
  ],
  uniques: [{ properties: ['event', 'user'] }, { properties: ['event', 'deviceId'] }],
  checks: [{ name: 'participant_is_somebody', expression: '(user_id IS NULL) <> (device_id IS NULL)' }],
  properties: {
    id: p.uuid().primary(),
    event: () => p.manyToOne(Event).deleteRule('cascade'),
    user: () => p.manyToOne(User).nullable().deleteRule('cascade').index(),
    /** Of a guest. */
    deviceId: p.uuid().nullable().index(),
    /** Of an account: the device from which it last asked to come in. */
    browserId: p.uuid().nullable().index(),
    displayName: p.string().length(80),
    role: p.enum(MEETING_ROLES).default('attendee'),
    status: p.enum(PARTICIPANT_STATUSES),
    /** When the person last came to the door; orders the queue. */
    requestedAt: p.type(InstantType),
    /** Set while the person waits at the door with a live connection, refreshed every 15 s; null when they went away. */
    waitingSeenAt: p.type(InstantType).nullable(),
    /** What was allowed or forbidden to this person beside role and settings. */
    allowed: p.json<Partial<MayProduce>>().defaultRaw(`'{}'`),
    /** When the hand went up; orders the hands for everyone. Null: it is down. */
    handRaisedAt: p.type(InstantType).nullable(),
    /** Everybody sees this person large. */
    spotlit: p.boolean().default(false),
    /** Times turned away in this meeting. */
    rejections: p.integer().default(0),
    /** When, while the last request is turned away; null as soon as the person asks again. */
    rejectedAt: p.type(InstantType).nullable(),
    rejectionReason: p.string().length(200).default(''),
    /** What those who host wrote to this person at the door; oldest first. */
    waitingMessages: p
      .json<WaitingMessage[]>()
      .defaultRaw("'[]'")
      .onCreate(() => []),
    decidedAt: p.type(InstantType).nullable(),
    decidedBy: () => p.manyToOne(User).nullable().deleteRule('set null'),
    /** Seconds in the meeting: the union of the stays. */
    totalTime: p.integer().default(0),
    participationScore: p.float().nullable(),
    createdAt: p.type(InstantType),
  },
});
export class Participant extends ParticipantSchema.class {
  /** Holds one of the meeting's seats. */
  get seated(): Opt<boolean> {
    return this.status === 'approved' || this.status === 'joined';
  }

  /** Was let in and not put out since: has a part in the meeting, also while away. */
  get admitted(): import('@mikro-orm/core').Opt<boolean> {
    return this.seated || this.status === 'left';
  }

  /** The last request was turned away; `retryAt` null: and there is no asking again. */
  refusal(): { reason: string; retryAt: Temporal.Instant | null } | null {
    if (this.status !== 'declined' || !this.rejectedAt) return null;
    return { reason: this.rejectionReason, retryAt: this.rejections > MOST_RETURNS ? null : this.rejectedAt.add(COOL_DOWN) };
  }

  /** Comes to the door (again). `admitted`: no need to wait. Whether that is possible at all decides `admission`. */
  request(now: Temporal.Instant, admitted: boolean): void {
    if (this.seated) return;
    this.rejectedAt = null;
    if (admitted) this.status = 'approved';
    else {
      this.status = 'pending';
      this.requestedAt = now;
      this.waitingSeenAt = now;
    }
  }

  approve(now: Temporal.Instant, by: User): void {
    if (this.status !== 'pending') throw notWaiting(this.status);
    this.status = 'approved';
    this.decide(now, by);
  }

  reject(now: Temporal.Instant, by: User, reason: string): void {
    if (this.status !== 'pending') throw notWaiting(this.status);
    this.status = 'declined';
    this.rejections++;
    this.rejectedAt = now;
    this.rejectionReason = reason;
    this.decide(now, by);
  }

  /** Out of the meeting; roles and rights of before are gone. Back to the queue, free to ask again, or banned. */
  putOut(how: Exclude<Exit, 'left'>, now: Temporal.Instant, by: User): void {
    if (how === 'banned' ? this.status === 'banned' : !this.admitted)
      throw new AppError('CONFLICT', `This person is not in the meeting any more (${this.status}).`);
    this.decide(now, by);
    this.role = 'attendee';
    this.allowed = {};
    this.status = OUTSIDE[how];
    if (how !== 'returned') return;
    this.requestedAt = now;
    this.waitingSeenAt = now;
  }

  /** The ban is over: may ask again. */
  forgive(): void {
    if (this.status === 'banned') this.status = 'declined';
  }

  /** The new role brings its own rights. */
  takeRole(role: MeetingRole): void {
    this.role = role;
    this.allowed = {};
  }

  /** Told something while waiting; the page at the door shows the last few. */
  tell(message: WaitingMessage): void {
    if (this.status !== 'pending') throw notWaiting(this.status);
    this.waitingMessages = [...this.waitingMessages, message].slice(-MOST_MESSAGES);
  }

  rename(displayName: string): void {
    if (this.status !== 'pending') throw notWaiting(this.status);
    this.displayName = displayName;
  }

  enter(): void {
    if (!this.admitted) throw new AppError('NOT_ADMITTED', 'You have not been let in.');
    this.status = 'joined';
  }

  leave(): void {
    if (this.status === 'joined') this.status = 'left';
    this.handRaisedAt = null;
    this.spotlit = false;
  }

  /** Whether it was down before. */
  raiseHand(now: Temporal.Instant): boolean {
    if (this.handRaisedAt) return false;
    this.handRaisedAt = now;
    return true;
  }

  /** Whether it was up before. */
  lowerHand(): boolean {
    if (!this.handRaisedAt) return false;
    this.handRaisedAt = null;
    return true;
  }

  private decide(now: Temporal.Instant, by: User): void {
    this.decidedAt = now;
    this.decidedBy = by;
    this.waitingSeenAt = null;
  }
}
ParticipantSchema.setClass(Participant);

const notWaiting = (status: string) => new AppError('CONFLICT', `This person is not waiting any more (${status}).`);

/** Somebody who may not come back: by account, e-mail or device. */
export const BanSchema = defineEntity({
  name: 'Ban',
  properties: {
    id: p.uuid().primary(),
    event: () => p.manyToOne(Event).deleteRule('cascade').index(),
    user: () => p.manyToOne(User).nullable().deleteRule('cascade').index(),
    email: p.string().length(254).nullable().index(),
    deviceId: p.uuid().nullable().index(),
    /** Whom it was about: gives it a name. */
    participant: () => p.manyToOne(Participant).deleteRule('cascade').index(),
    reason: p.string().length(500).default(''),
    bannedBy: () => p.manyToOne(User),
    createdAt: p.type(InstantType),
    expiresAt: p.type(InstantType).nullable(),
    liftedAt: p.type(InstantType).nullable(),
  },
});
export class Ban extends BanSchema.class {}
BanSchema.setClass(Ban);
