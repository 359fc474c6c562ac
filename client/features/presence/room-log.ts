import type { Change, Snapshot } from '../../../server/contract/events.ts';
import type { Participant } from '../../../server/contract/meetings.ts';
import { ACTIVE_RECORDING } from '../../../server/contract/recordings.ts';

/** What the meeting's topic tells: the meeting, who is in the room in order of their ids, and whether it is being recorded. */
export type RoomState = Snapshot<'meeting'>;

const byId = (a: Participant, b: Participant) => (a.id < b.id ? -1 : 1);

/** What is true after one change. Whoever heard every change, in order, knows what a snapshot would say. */
export function roomAfter(state: RoomState, change: Change<'meeting'>): RoomState {
  const { participants, recording } = state;
  switch (change.name) {
    case 'meeting.changed':
      return { ...state, meeting: change.data.meeting };
    case 'participant.joined': {
      const { participant } = change.data;
      return { ...state, participants: [...participants.filter(({ id }) => id !== participant.id), participant].sort(byId) };
    }
    case 'participant.changed': {
      const { participant } = change.data;
      return { ...state, participants: participants.map((known) => (known.id === participant.id ? participant : known)) };
    }
    case 'participant.left': {
      const { participantId } = change.data;
      return { ...state, participants: participants.filter(({ id }) => id !== participantId) };
    }
    case 'recording.changed': {
      const { recording: changed } = change.data;
      if (ACTIVE_RECORDING.some((status) => status === changed.status)) return { ...state, recording: changed };
      // What is said of an older one, whose file is being made, is nothing to the one that is going on.
      return recording?.id === changed.id ? { ...state, recording: null } : state;
    }
    case 'recording.agreed': {
      const { recordingId, participantId } = change.data;
      if (recording?.id !== recordingId || recording.agreed.includes(participantId)) return state;
      return { ...state, recording: { ...recording, agreed: [...recording.agreed, participantId] } };
    }
    default:
      return state;
  }
}

/** The place of each raised hand: 1 went up first. The same on every screen. */
export function handPlaces(participants: readonly Participant[]): ReadonlyMap<string, number> {
  const raised = participants.flatMap(({ id, handRaisedAt }) => (handRaisedAt ? [{ id, at: Date.parse(handRaisedAt) }] : []));
  raised.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  return new Map(raised.map(({ id }, index) => [id, index + 1]));
}
