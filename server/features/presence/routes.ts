import type { Bind } from '../../kernel/http.ts';
import type { MediaPort } from '../../kernel/media-port.ts';
import type { PresenceService } from './service.ts';

export function presenceRoutes(bind: Bind, presence: PresenceService, media: MediaPort): void {
  bind('startMeeting', ({ actor, params }) => presence.start(actor, params.id));
  bind('endMeeting', ({ actor, params }) => presence.end(actor, params.id));
  bind('getMediaSetup', () => media.setup());
}
