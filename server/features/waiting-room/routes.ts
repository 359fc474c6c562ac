import type { Bind } from '../../kernel/http.ts';
import type { Identity } from '../../kernel/identity.ts';
import type { WaitingRoomService } from './service.ts';

export function waitingRoomRoutes(bind: Bind, waitingRoom: WaitingRoomService, identity: Identity): void {
  bind('getDoor', async ({ actor, params }, { request, reply }) => {
    const door = await waitingRoom.door(actor, params.joinCode);
    // Known from the door on: the live connection is up before "Ask to join", and asking twice at once is one guest.
    identity.guest(request, reply);
    return door;
  });
  bind('join', ({ params, body }, { request, reply }) => waitingRoom.join(identity.guest(request, reply), params.joinCode, body));
  bind('listWaiting', ({ actor, params, query }) => waitingRoom.list(actor, params.id, query));
  bind('approveParticipant', ({ actor, params }) => waitingRoom.approve(actor, params.id, params.participantId));
  bind('rejectParticipant', ({ actor, params }) => waitingRoom.reject(actor, params.id, params.participantId));
}
