import type { Sockets } from '../../kernel/sockets.ts';
import type { Topics } from '../../kernel/topics.ts';
import { Participant } from '../meetings/participants/entity.ts';
import { placeOf, queueOf } from '../meetings/participants/service.ts';
import { lobbyState, waitingView } from '../meetings/participants/view.ts';
import { findMeeting } from '../meetings/service.ts';
import type { DeskService } from './desk/service.ts';
import type { QueueService } from './queue/service.ts';
import type { WaitingRoomService } from './service.ts';

type Services = { waitingRoom: WaitingRoomService; desk: DeskService; queue: QueueService };

export function waitingRoomSocket(sockets: Sockets, topics: Topics, { waitingRoom, desk, queue }: Services): void {
  sockets.command('waiting.enter', (connection, { participantId }) => queue.enter(connection, participantId));
  sockets.command('waiting.leave', async ({ actor }, { participantId }) => {
    await queue.leave(actor, participantId);
    return {};
  });
  topics.define('lobby', {
    authorize: (actor, id) => waitingRoom.authorizeLobby(actor, id),
    snapshot: async (em, id) => {
      const participant = await em.findOneOrFail(Participant, { id });
      return lobbyState(await findMeeting(em, participant.event.id), participant, await placeOf(em, participant));
    },
  });
  topics.define('desk', {
    authorize: (actor, id) => desk.authorize(actor, id),
    snapshot: async (em, id) => ({ waiting: (await queueOf(em, id)).map(waitingView) }),
  });
}
