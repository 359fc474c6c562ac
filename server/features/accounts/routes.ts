import type { Bind } from '../../kernel/http.ts';
import type { Identity } from '../../kernel/identity.ts';
import type { InvitationService } from './invitations/service.ts';
import type { AccountService } from './service.ts';
import { SESSION_DAYS, type SessionService } from './sessions/service.ts';

type Services = {
  accounts: AccountService;
  sessions: SessionService;
  invitations: InvitationService;
  identity: Identity;
  /** Where people reach us, without a slash at the end. */
  publicUrl: (host: string | undefined) => string;
};

export function accountRoutes(bind: Bind, { accounts, sessions, invitations, identity, publicUrl }: Services): void {
  const agentOf = (request: { headers: { 'user-agent'?: string | undefined } }) => request.headers['user-agent'] ?? '';

  bind('signIn', async ({ body, actor }, { request, reply }) => {
    const { info, token } = await accounts.signIn(actor, body, agentOf(request));
    identity.signIn(reply, token, SESSION_DAYS);
    return info;
  });
  bind('getSession', ({ actor }) => accounts.whoAmI(actor));
  bind('signOut', async ({ actor }, { reply }) => {
    if (actor.type === 'user') await sessions.close(actor, actor.sessionId);
    identity.signOut(reply);
  });
  bind('listSessions', ({ actor, query }) => sessions.list(actor, query));
  bind('revokeSession', ({ actor, params }) => sessions.close(actor, params.id));
  bind('updateProfile', ({ actor, body }) => accounts.updateProfile(actor, body));
  bind('changePassword', ({ actor, body }) => accounts.changePassword(actor, body));
  bind('listUsers', ({ actor, query }) => accounts.list(actor, query));

  bind('inviteUser', async ({ actor, body }, { request }) => {
    const { user, token, expiresAt } = await invitations.invite(actor, body);
    return { user, url: `${publicUrl(request.headers.host)}/welcome/${token}`, expiresAt };
  });
  bind('getInvitation', ({ params }) => invitations.read(params.token));
  bind('acceptInvitation', async ({ actor, params, body }, { request, reply }) => {
    const { info, token } = await invitations.accept(actor, params.token, body, agentOf(request));
    identity.signIn(reply, token, SESSION_DAYS);
    return info;
  });
}
