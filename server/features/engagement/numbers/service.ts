import type { EntityManager } from '@mikro-orm/postgresql';
import type { Engagement as EngagementView } from '../../../contract/engagement.ts';
import { run } from '../../../kernel/statement.ts';
import type { Meeting } from '../../meetings/entity.ts';
import type { Participant } from '../../meetings/participants/entity.ts';
import { lengthOf, shareOf } from '../../meetings/view.ts';
import { Stay } from '../../presence/entity.ts';
import { presentSeconds } from '../../presence/stays/view.ts';
import { Engagement, Speech } from '../entity.ts';
import { participationScore, type Stretch, sumOf, turnsOf } from '../rules.ts';

/** `speech`: when the person spoke, in epoch milliseconds. */
export type Counted = { view: EngagementView; speech: Stretch[] };

/** What was counted of these people, by participant; null where the meeting does not count. */
export async function countedOf(
  em: EntityManager,
  meeting: Meeting,
  people: readonly Participant[],
  now: Temporal.Instant,
): Promise<Map<string, Counted> | null> {
  if (!meeting.effectiveSettings.trackEngagement) return null;
  const ids = people.map(({ id }) => id);
  const about = { participant: { $in: ids } };
  const all = await spokenInAll(em, meeting.id);
  const speech = Map.groupBy(await em.find(Speech, about, { orderBy: { startedAt: 'asc' } }), ({ participant }) => participant.id);
  const stays = Map.groupBy(await em.find(Stay, about), ({ participant }) => participant.id);
  const tallies = new Map((await em.find(Engagement, about)).map((tally) => [tally.participant.id, tally]));
  const messages = await messagesOf(em, ids);
  const length = lengthOf(meeting, now);
  return new Map(
    people.map((person) => {
      const { id } = person;
      const stretches = (speech.get(id) ?? []).map(({ startedAt, endedAt }) => ({
        from: startedAt.epochMilliseconds,
        to: endedAt.epochMilliseconds,
      }));
      const spoken = sumOf(stretches) / 1000;
      const present = presentSeconds(stays.get(id) ?? [], now);
      const { hands = 0, reactions = 0, cameraMs = 0 } = tallies.get(id) ?? {};
      const figures = {
        turns: turnsOf(stretches),
        messages: messages.get(id) ?? 0,
        hands,
        reactions,
      };
      const shares = { presence: shareOf(present, length), camera: shareOf(cameraMs / 1000, present) };
      const view: EngagementView = {
        ...figures,
        // Settled at the end: what is deleted in the chat afterwards does not change it.
        score:
          person.participationScore ??
          participationScore({ ...figures, ...shares, speaking: all.seconds ? (spoken * all.people) / all.seconds : 0 }),
        speakingSeconds: Math.round(spoken * 10) / 10,
        talkShare: shareOf(spoken, all.seconds),
        lastSpokeAt: stretches.length ? Temporal.Instant.fromEpochMilliseconds(stretches.at(-1)!.to).toString() : null,
        cameraShare: shares.camera,
        presenceShare: shares.presence,
      };
      return [id, { view, speech: stretches }];
    }),
  );
}

/** All that was spoken in the meeting, and how many people it might have been shared by. */
async function spokenInAll(em: EntityManager, meetingId: string): Promise<{ seconds: number; people: number }> {
  const [row] = await em.execute<{ seconds: string; people: string }[]>(
    `select coalesce((select sum(extract(epoch from s.ended_at - s.started_at)) from speech s join participant p on p.id = s.participant_id
                      where p.event_id = ?), 0) as seconds,
            (select count(distinct s.participant_id) from stay s join participant p on p.id = s.participant_id where p.event_id = ?) as people`,
    [meetingId, meetingId],
  );
  return { seconds: Number(row!.seconds), people: Number(row!.people) };
}

async function messagesOf(em: EntityManager, ids: readonly string[]): Promise<Map<string, number>> {
  const rows = await run<{ sender_id: string; messages: number }>(
    em,
    `select sender_id, count(*)::int as messages from chat_message where sender_id = any($1::uuid[]) and deleted_at is null group by sender_id`,
    [ids],
  );
  return new Map(rows.map(({ sender_id, messages }) => [sender_id, messages]));
}
