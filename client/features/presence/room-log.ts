import type { Change, Snapshot } from '../../../server/contract/events.ts';
import type { Participant } from '../../../server/contract/meetings.ts';

/** What the meeting's topic tells: the meeting, and who is in the room, in order of their ids. */
export type RoomState = Snapshot<'meeting'>;

const byId = (a: Participant, b: Participant) => (a.id < b.id ? -1 : 1);

/** What is true after one change. Whoever heard every change, in order, knows what a snapshot would say. */
export function roomAfter({ meeting, participants }: RoomState, change: Change<'meeting'>): RoomState {
  switch (change.name) {
    case 'meeting.changed':
      return { meeting: change.data.meeting, participants };
    case 'participant.joined': {
      const { participant } = change.data;
      return { meeting, participants: [...participants.filter(({ id }) => id !== participant.id), participant].sort(byId) };
    }
    case 'participant.changed': {
      const { participant } = change.data;
      return { meeting, participants: participants.map((known) => (known.id === participant.id ? participant : known)) };
    }
    case 'participant.left': {
      const { participantId } = change.data;
      return { meeting, participants: participants.filter(({ id }) => id !== participantId) };
    }
    default:
      return { meeting, participants };
  }
}

/** The place of each raised hand: 1 went up first. The same on every screen. */
export function handPlaces(participants: readonly Participant[]): ReadonlyMap<string, number> {
  const raised = participants.flatMap(({ id, handRaisedAt }) => (handRaisedAt ? [{ id, at: Date.parse(handRaisedAt) }] : []));
  raised.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  return new Map(raised.map(({ id }, index) => [id, index + 1]));
}
