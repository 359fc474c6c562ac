import type { Bind } from '../../kernel/http.ts';
import type { Identity } from '../../kernel/identity.ts';
import type { DeskService } from './desk/service.ts';
import type { WaitingRoomService } from './service.ts';

export function waitingRoomRoutes(bind: Bind, waitingRoom: WaitingRoomService, desk: DeskService, identity: Identity): void {
  bind('getDoor', async ({ actor, params }, { request, reply }) => {
    const door = await waitingRoom.door(actor, params.joinCode);
    // Known from the door on: the live connection is up before "Ask to join", and asking twice at once is one guest.
    identity.guest(request, reply);
    return door;
  });
  bind('join', ({ params, body }, { request, reply }) => waitingRoom.join(identity.guest(request, reply), params.joinCode, body));
  bind('listWaiting', ({ actor, params, query }) => desk.list(actor, params.id, query));
  bind('approveParticipant', ({ actor, params }) => desk.approve(actor, params.id, params.participantId));
  bind('rejectParticipant', ({ actor, params, body }) => desk.reject(actor, params.id, params.participantId, body.reason));
  bind('approveAll', ({ actor, params }) => desk.approveAll(actor, params.id));
  bind('rejectAll', ({ actor, params, body }) => desk.rejectAll(actor, params.id, body.reason));
  bind('messageWaiting', ({ actor, params, body }) => desk.message(actor, params.id, body));
  bind('renameWaiting', ({ actor, params, body }) => desk.rename(actor, params.id, params.participantId, body.displayName));
}
