import { defineEntity, p } from '@mikro-orm/core';
import { AppError } from '../../contract/errors.ts';
import type { Source } from '../../contract/media.ts';
import {
  ACTIVE_RECORDING,
  RECORDING_FAILURES,
  RECORDING_STATUSES,
  type RecordingFailure,
  type RecordingTake,
} from '../../contract/recordings.ts';
import { InstantType } from '../../kernel/instant.ts';
import { User } from '../accounts/entity.ts';
import { Meeting } from '../meetings/entity.ts';
import { Participant } from '../meetings/participants/entity.ts';

type Status = (typeof RECORDING_STATUSES)[number];
/** What is known of it besides its files; times in ms of the composed file. */
export type StoredTimeline = Pick<RecordingTake, 'resumedMs' | 'speaking' | 'marks' | 'screens'>;

/** A meeting, or a part of it, kept. The database sees to it that a meeting has at most one that is going on. */
export const RecordingSchema = defineEntity({
  name: 'Recording',
  indexes: [
    { properties: ['meeting', 'id'] },
    {
      name: 'recording_active_unique',
      expression: `create unique index "recording_active_unique" on "recording" ("meeting_id") where status in ('requested', 'recording', 'paused', 'stopping')`,
    },
    { properties: ['status'] },
  ],
  properties: {
    id: p.uuid().primary(),
    meeting: () => p.manyToOne(Meeting).deleteRule('cascade'),
    title: p.string().length(200),
    status: p.enum(RECORDING_STATUSES),
    failure: p.enum(RECORDING_FAILURES).nullable(),
    /** Null: it started by itself. */
    startedBy: () => p.manyToOne(User).nullable().deleteRule('set null'),
    startedAt: p.type(InstantType).nullable(),
    /** The server process that records it, and when it last said so. */
    owner: p.uuid().nullable(),
    seenAt: p.type(InstantType).nullable(),
    progress: p.integer().default(0),
    /** Of the composed file. */
    durationMs: p.integer().nullable(),
    isShared: p.boolean().default(false),
    expiresAt: p.type(InstantType).nullable().index(),
    timeline: p.json<StoredTimeline>().nullable(),
    createdAt: p.type(InstantType),
  },
});
export class Recording extends RecordingSchema.class {
  get active(): import('@mikro-orm/core').Opt<boolean> {
    return ACTIVE_RECORDING.some((status) => status === this.status);
  }

  /** This server process records it from now on; a paused one stays paused. */
  claim(owner: string, now: Temporal.Instant): void {
    this.owner = owner;
    this.seenAt = now;
    this.startedAt ??= now;
    if (this.status === 'requested') this.status = 'recording';
  }

  /** The process that recorded it is gone: whoever opens the room again goes on. */
  orphan(): void {
    this.owner = null;
    if (this.status === 'recording') this.status = 'requested';
  }

  /** Whether it went on before. Pausing twice is pausing once. */
  pause(): boolean {
    return this.move(['recording', 'requested'], 'paused');
  }

  /** As long as nobody records it, it is asked for again. */
  resume(): boolean {
    return this.move(['paused'], this.owner ? 'recording' : 'requested');
  }

  /** What never began has nothing to end. */
  stop(): boolean {
    if (this.active && this.startedAt === null) {
      this.fail('nothing');
      return true;
    }
    return this.move(['requested', 'recording', 'paused'], 'stopping');
  }

  compose(): void {
    this.status = 'composing';
    this.failure = null;
    this.progress = 0;
    this.owner = null;
  }

  fail(failure: RecordingFailure): void {
    this.status = 'failed';
    this.failure = failure;
    this.owner = null;
  }

  finish(): void {
    this.status = 'ready';
    this.failure = null;
    this.progress = 100;
  }

  private move(from: readonly Status[], to: Status): boolean {
    if (this.status === to || (to === 'recording' && this.status === 'requested')) return false;
    if (!from.includes(this.status)) throw new AppError('CONFLICT', `This is not possible with a recording that is ${this.status}.`);
    this.status = to;
    return true;
  }
}
RecordingSchema.setClass(Recording);

/** Somebody agreed to be recorded. Without a row nothing of them is. */
export const RecordingConsentSchema = defineEntity({
  name: 'RecordingConsent',
  uniques: [{ properties: ['recording', 'participant'] }],
  properties: {
    id: p.uuid().primary(),
    recording: () => p.manyToOne(Recording).deleteRule('cascade'),
    participant: () => p.manyToOne(Participant).deleteRule('cascade').index(),
    agreedAt: p.type(InstantType),
  },
});
export class RecordingConsent extends RecordingConsentSchema.class {}
RecordingConsentSchema.setClass(RecordingConsent);

/** One file of a recording, by its name in the recording's folder. */
export const RecordingFileSchema = defineEntity({
  name: 'RecordingFile',
  uniques: [{ properties: ['recording', 'name'] }],
  properties: {
    id: p.uuid().primary(),
    recording: () => p.manyToOne(Recording).deleteRule('cascade'),
    kind: p.enum(['composed', 'track']),
    name: p.string().length(100),
    /** As the contract names them; a plain text, since sources come to be. */
    source: p.string().length(20).$type<Source>().nullable(),
    participant: () => p.manyToOne(Participant).nullable().deleteRule('set null').index(),
    displayName: p.string().length(80).nullable(),
    startsMs: p.integer(),
    durationMs: p.integer(),
    bytes: p.bigint('number'),
  },
});
export class RecordingFile extends RecordingFileSchema.class {}
RecordingFileSchema.setClass(RecordingFile);
