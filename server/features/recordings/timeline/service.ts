import type { EntityManager } from '@mikro-orm/postgresql';
import type { Timeline } from '../../../contract/recordings.ts';
import { ChatMessage } from '../../chat/entity.ts';
import { Participant } from '../../meetings/participants/entity.ts';
import type { Recording } from '../entity.ts';
import { chapters, turns } from '../rules.ts';

/** What happened when, for whoever watches. Names are those of now, and what was deleted from the chat stays deleted. */
export async function timelineOf(em: EntityManager, recording: Recording): Promise<Timeline> {
  const { timeline } = recording;
  if (!timeline) return { chapters: [], speaking: [], marks: [] };
  const people = await em.find(Participant, { event: recording.meeting.id });
  const names = new Map(people.map(({ id, displayName }) => [id, displayName]));
  const nameOf = (participantId: string) => names.get(participantId) ?? '';
  const written = timeline.marks.flatMap(({ mark }) => (mark.kind === 'chat' ? [mark.messageId] : []));
  const messages = written.length > 0 ? await em.find(ChatMessage, { id: { $in: written }, audience: 'everyone', deletedAt: null }) : [];
  const texts = new Map(messages.map(({ id, text }) => [id, text]));
  return {
    chapters: chapters(timeline, nameOf),
    speaking: turns(timeline).map(({ participantId, spans }) => ({ participantId, name: nameOf(participantId), spans })),
    marks: timeline.marks.map(({ atMs, mark }) => ({
      at: Math.round(atMs) / 1000,
      kind: mark.kind,
      name: nameOf(mark.participantId),
      text: mark.kind === 'chat' ? (texts.get(mark.messageId) ?? null) : mark.kind === 'role' ? mark.role : null,
    })),
  };
}
