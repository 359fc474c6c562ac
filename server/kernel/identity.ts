import type { IncomingMessage } from 'node:http';
import cookie from '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../contract/errors.ts';
import type { Actor, UserActor } from './actor.ts';
import { signed, verified } from './crypto.ts';
import { newId } from './ids.ts';
import { fromOwnOrigin } from './origin.ts';

export type IdentityOptions = {
  secret: string;
  /** Pages are served over TLS: cookies are Secure and carry the `__Host-` prefix (RFC 6265bis §4.1.3). */
  secure: boolean;
  trustProxy: boolean;
  publicUrl?: string | undefined;
  findSession: (token: string, how: { fresh: boolean }) => Promise<Omit<UserActor, 'address' | 'deviceId'> | null>;
};

const DEVICE = 'device';
const DEVICE_DAYS = 400; // the most that browsers keep

/** Who is behind a request or a socket: the session's user, the guest of this device, or nobody known. */
export class Identity {
  #options: IdentityOptions;
  #session: string;
  #device: string;

  constructor(options: IdentityOptions) {
    this.#options = options;
    const prefix = options.secure ? '__Host-' : '';
    this.#session = `${prefix}muster_session`;
    this.#device = `${prefix}muster_device`;
  }

  /** The cookie that holds a session's token. */
  get sessionCookie(): string {
    return this.#session;
  }

  /** Cookies, `request.actor`, and the refusal of state-changing requests from other origins. */
  async install(app: FastifyInstance): Promise<void> {
    await app.register(cookie);
    app.decorateRequest('actor', null as never); // set below before anybody can look
    app.addHook('onRequest', async (request) => {
      if (!['GET', 'HEAD', 'OPTIONS'].includes(request.method) && !fromOwnOrigin(request.headers, this.#options.publicUrl))
        throw new AppError('FOREIGN_ORIGIN', 'This request comes from a page of another site.');
      request.actor = await this.#actor(request.cookies, request.ip, { fresh: false });
    });
  }

  /** For a connection: it stays as long as it is not cut, so a session that another server revoked meanwhile must not open one. */
  identify(request: IncomingMessage): Promise<Actor> {
    const forwarded = this.#options.trustProxy ? request.headers['x-forwarded-for'] : undefined;
    const address =
      String(forwarded ?? '')
        .split(',')
        .at(-1)!
        .trim() ||
      (request.socket.remoteAddress ?? '');
    return this.#actor(cookie.fastifyCookie.parse(request.headers.cookie ?? ''), address, { fresh: true });
  }

  signIn(reply: FastifyReply, token: string, days: number): void {
    reply.setCookie(this.#session, token, this.#attributes(days));
  }

  signOut(reply: FastifyReply): void {
    reply.clearCookie(this.#session, this.#attributes(0));
  }

  /** The guest of this device; a device without a cookie gets one. Users stay who they are, at a device that is known as well. */
  guest(request: FastifyRequest, reply: FastifyReply): Exclude<Actor, { id: null }> {
    const { actor } = request;
    if (actor.type === 'guest' || (actor.type === 'user' && actor.deviceId)) return actor;
    const id = newId();
    reply.setCookie(this.#device, signed(this.#options.secret, DEVICE, id), this.#attributes(DEVICE_DAYS));
    return actor.type === 'user' ? { ...actor, deviceId: id } : { type: 'guest', id, address: request.ip };
  }

  async #actor(cookies: { [name: string]: string | undefined }, address: string, how: { fresh: boolean }): Promise<Actor> {
    const token = cookies[this.#session];
    const device = verified(this.#options.secret, DEVICE, cookies[this.#device] ?? '');
    const user = token ? await this.#options.findSession(token, how) : null;
    if (user) return { ...user, deviceId: device, address };
    return device ? { type: 'guest', id: device, address } : { type: 'anonymous', id: null, address };
  }

  #attributes(days: number) {
    return { path: '/', httpOnly: true, sameSite: 'lax', secure: this.#options.secure, maxAge: days * 86_400 } as const;
  }
}
