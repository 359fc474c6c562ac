import type { EntityManager } from '@mikro-orm/postgresql';
import type { Logger } from 'pino';
import type { Harm, Line } from '../../contract/quality.ts';
import { qualityOf } from '../../contract/quality.ts';
import type { Actor } from '../../kernel/actor.ts';
import type { Database } from '../../kernel/database.ts';
import type { MediaPort } from '../../kernel/media-port.ts';
import type { Sockets } from '../../kernel/sockets.ts';
import { mayReadReport } from '../../policy.ts';
import { roleIn } from '../meetings/participants/service.ts';
import { findMeeting } from '../meetings/service.ts';
import { liveRoom, type Seat, type SeatService } from '../presence/seats/service.ts';
import { ConnectionQuality } from './entity.ts';
import { type Judged, judge, type Minute, opinionOf, withSample } from './rules.ts';

const MEASURE_MS = 5_000;
/** What a browser said counts for so long, and so does a fault that it may be about. */
const OPINION_MS = 15_000;
const MINUTE_MS = 60_000;

type Parts = { database: Database; media: MediaPort; sockets: Sockets; seats: SeatService; log: Logger };
type Person = Seat & { judged: Judged; minute: Minute };

/** How good everybody's line is: measured every 5 s, told when its class changes, kept by the minute. */
export class QualityService {
  readonly #parts: Parts;
  /** By participant. */
  #people = new Map<string, Person>();
  readonly #opinions = new Map<string, { harms: readonly Harm[]; until: number }>();
  /** Until when what others miss of somebody may come of that person's own line. */
  readonly #faults = new Map<string, number>();
  readonly #stop: () => void;
  #measuring: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#stop = parts.database.clock.every(MEASURE_MS, () => void this.measure());
  }

  /** One look at a time: where one takes longer than 5 s, the next is left out. */
  measure(): Promise<void> {
    this.#measuring ??= this.#measure()
      .catch((error) => this.#parts.log.error({ err: error }, 'quality'))
      .finally(() => {
        this.#measuring = undefined;
      });
    return this.#measuring;
  }

  /** What a browser saw of what it receives, and how many layers of its picture it sends. */
  tell({ meetingId, participantId }: Seat, { harms, layers }: { harms: readonly Harm[]; layers: number }): void {
    this.#opinions.set(participantId, { harms, until: this.#now() + OPINION_MS });
    this.#parts.media.expectLayers(meetingId, participantId, layers);
  }

  /** Everybody's class; why, of oneself and for those who moderate. */
  async read(actor: Actor, { meetingId, participantId }: Seat): Promise<Line[]> {
    const em = this.#parts.database.reader();
    const role = await roleIn(em, await findMeeting(em, meetingId), actor);
    const all = role !== null && mayReadReport(role);
    return [...this.#people.values()]
      .filter((person) => person.meetingId === meetingId)
      .map(({ participantId: id, judged: { quality, recovering, reasons } }) => ({
        ...{ participantId: id, quality, recovering },
        reasons: all || id === participantId ? reasons : [],
      }));
  }

  async close(): Promise<void> {
    this.#stop();
    await this.#measuring;
    await this.#keep([...this.#people].map(([participantId, { minute }]) => ({ participantId, minute })));
  }

  async #measure(): Promise<void> {
    const { media, sockets, seats } = this.#parts;
    const measured = await media.measure();
    const now = this.#now();
    const roundTrips = seats.roundTrips();
    const before = this.#people;
    const people = new Map<string, Person>();
    const over: { participantId: string; minute: Minute }[] = [];
    for (const { peerId, reasons } of measured)
      if (reasons.some(({ direction }) => direction === 'up')) this.#faults.set(peerId, now + OPINION_MS);
    const isAtFault = (id: string) => (this.#faults.get(id) ?? 0) > now;
    for (const { roomId: meetingId, peerId: participantId, ...evidence } of measured) {
      const said = this.#opinions.get(participantId);
      const judged = judge(
        evidence,
        said && said.until > now ? opinionOf(said.harms, isAtFault) : null,
        roundTrips.get(participantId) ?? null,
      );
      const known = before.get(participantId);
      const { minute, over: done } = withSample(known?.minute, now - (now % MINUTE_MS), Math.round(judged.score));
      if (done) over.push({ participantId, minute: done });
      people.set(participantId, { meetingId, participantId, judged, minute });
      const { quality, recovering } = judged;
      if (known?.judged.quality !== quality || known.judged.recovering !== recovering) {
        // Several in one moment: as volatile ones all but the first would be dropped.
        sockets.signal(liveRoom(meetingId), 'room.quality', { participantId, quality, recovering });
      }
    }
    // Who left has a last minute.
    for (const [participantId, { minute }] of before) if (!people.has(participantId)) over.push({ participantId, minute });
    for (const known of [this.#opinions, this.#faults]) for (const id of known.keys()) if (!people.has(id)) known.delete(id);
    this.#people = people;
    await this.#keep(over);
  }

  async #keep(over: readonly { participantId: string; minute: Minute }[]): Promise<void> {
    if (!over.length) return;
    const rows = over.map(({ participantId, minute: { at, min, sum, count } }) => {
      const mean = Math.round(sum / count);
      return { participant: participantId, at, min, mean, quality: qualityOf(mean) };
    });
    await this.#parts.database.reader().execute(
      `insert into connection_quality (participant_id, minute, min, mean, quality)
       select p.id, to_timestamp(new.at / 1000), new.min, new.mean, new.quality
       from jsonb_to_recordset(?::jsonb) as new (participant uuid, at double precision, min smallint, mean smallint, quality text)
       join participant p on p.id = new.participant
       on conflict (participant_id, minute) do update set min = least(connection_quality.min, excluded.min), mean = excluded.mean, quality = excluded.quality`,
      [JSON.stringify(rows)],
    );
  }

  #now(): number {
    return this.#parts.database.clock.now().epochMilliseconds;
  }
}

/** The minutes of these people, by participant, in order. */
export async function qualityLines(em: EntityManager, participantIds: readonly string[]): Promise<Map<string, ConnectionQuality[]>> {
  const found = await em.find(ConnectionQuality, { participant: { $in: [...participantIds] } }, { orderBy: { minute: 'asc' } });
  return Map.groupBy(found, ({ participant }) => participant.id);
}
