import type { Bind } from '../../../kernel/http.ts';
import type { BanService } from './service.ts';

export function banRoutes(bind: Bind, bans: BanService): void {
  bind('listBans', ({ actor, params, query }) => bans.list(actor, params.id, query));
  bind('liftBan', ({ actor, params }) => bans.lift(actor, params.id, params.banId));
}
