import { existsSync } from 'node:fs';
import path from 'node:path';
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import fastifyStatic from '@fastify/static';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyServerOptions, LogController } from 'fastify';
import type { Logger } from 'pino';
import { AppError } from '../contract/errors.ts';
import { validatorFor } from './http.ts';
import type { Identity } from './identity.ts';
import { newId } from './ids.ts';
import { answerProblem, answerProblems } from './problem.ts';

export type WebOptions = {
  log: Logger;
  identity: Identity;
  version: string;
  tls?: { cert: string; key: string } | undefined;
  trustProxy: NonNullable<FastifyServerOptions['trustProxy']>;
  /** Requests per minute and actor; null for no limit. */
  rateLimit: number | null;
  /** Folder of the built client. */
  clientDir: string;
};

const SELF = "'self'";
const POLICY = {
  defaultSrc: [SELF],
  scriptSrc: [SELF],
  styleSrc: [SELF],
  styleSrcAttr: ["'unsafe-inline'"], // positions that components compute
  imgSrc: [SELF, 'data:', 'blob:'],
  mediaSrc: [SELF, 'blob:'],
  fontSrc: [SELF],
  connectSrc: [SELF],
  workerSrc: [SELF, 'blob:'],
  objectSrc: ["'none'"],
  frameAncestors: ["'none'"],
  baseUri: [SELF],
  formAction: [SELF],
  upgradeInsecureRequests: null,
};

const buildSerializer = SerializerSelector();
/** Each answer's serializer is compiled when it is first given: all of them at once would hold up every start. */
const lazySerializers: typeof buildSerializer = (externalSchemas, options) => {
  const compile = buildSerializer(externalSchemas, options);
  return (route) => {
    let serialize: ReturnType<typeof compile> | undefined;
    return (answer) => {
      serialize ??= compile(route);
      return serialize(answer);
    };
  };
};

/** Fastify with everything that holds for every request: identity, limits, headers, refusals, OpenAPI, the client's files. */
export async function createWeb(options: WebOptions): Promise<FastifyInstance> {
  const app = Fastify({
    // FastifyInstance is generic over its logger; pino's is the one that Fastify itself uses.
    loggerInstance: options.log as FastifyBaseLogger,
    ...(options.tls ? { https: options.tls } : {}),
    trustProxy: options.trustProxy,
    logController: new LogController({ disableRequestLogging: true }), // our own line is below, with the actor
    forceCloseConnections: 'idle',
    genReqId: newId,
    routerOptions: { maxParamLength: 500 }, // beyond what any schema allows, so that it names the field
    // What the router refuses meets no hook and no error handler.
    frameworkErrors: answerProblem,
    schemaController: { compilersFactory: { buildSerializer: lazySerializers } },
  }) as unknown as FastifyInstance;
  app.setValidatorCompiler(validatorFor);
  answerProblems(app);
  app.removeContentTypeParser('text/plain'); // JSON or nothing: a foreign form can send plain text
  await app.register(helmet, {
    contentSecurityPolicy: { directives: POLICY },
    crossOriginEmbedderPolicy: false,
    strictTransportSecurity: options.tls !== undefined,
  });
  await options.identity.install(app);
  if (options.rateLimit !== null) await limit(app, options.rateLimit);
  app.addHook('onSend', async (_request, reply) => void reply.header('permissions-policy', 'camera=(self), microphone=(self)'));
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions, actor } = request;
    request.log.debug(
      { method, route: routeOptions.url, status: reply.statusCode, actor: actor?.id, ms: Math.round(reply.elapsedTime) },
      'request',
    );
  });
  drain(app);
  await describe(app, options.version, options.identity.sessionCookie);
  await serveClient(app, options.clientDir);
  return app;
}

/** Counted per person, guest or address, whichever is known best. */
const limit = (app: FastifyInstance, max: number) =>
  app.register(rateLimit, {
    max,
    timeWindow: '1 minute',
    keyGenerator: ({ actor }) => actor.id ?? actor.address ?? '',
    errorResponseBuilder: (_request, { ttl }) => {
      const retryAfter = Math.ceil(ttl / 1000);
      return new AppError('RATE_LIMITED', `Too many requests. Try again in ${retryAfter} s.`, { details: { retryAfter } });
    },
  });

/** A request in flight while closing would keep its connection open for 72 s and so hold up the stop. */
function drain(app: FastifyInstance): void {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close');
  });
}

async function describe(app: FastifyInstance, version: string, sessionCookie: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Muster', version, description: 'Meetings and scheduling. Refusals are problem details (RFC 9457) with a `code`.' },
      components: { securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: sessionCookie } } },
      security: [{ session: [] }],
    },
    refResolver: { buildLocalReference: ({ $id }, _base, _fragment, index) => (typeof $id === 'string' ? $id : `def-${index}`) },
  });
  app.get('/api/openapi.json', { schema: { hide: true } }, () => app.swagger());
  await app.register(async (docs) => {
    const { default: reference } = await import('@scalar/fastify-api-reference');
    docs.addHook('onSend', async (_request, reply) => {
      // Its bundle writes <style> elements and evaluates templates: looser here, and nowhere else.
      reply.header(
        'content-security-policy',
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'",
      );
    });
    await docs.register(reference, {
      routePrefix: '/api/docs',
      configuration: {
        url: '/api/openapi.json',
        withDefaultFonts: false,
        telemetry: false,
        hideClientButton: true,
        agent: { disabled: true },
        mcp: { disabled: true },
        showDeveloperTools: 'never',
        proxyUrl: '',
      },
    });
  });
}

/** The built client; a server without one (tests, API only) has no pages. */
async function serveClient(app: FastifyInstance, root: string): Promise<void> {
  if (!existsSync(path.join(root, 'index.html'))) return;
  await app.register(fastifyStatic, {
    root,
    wildcard: false,
    setHeaders: (reply, file) => {
      // Files under assets/ carry the hash of their content in their name.
      const kept = path.relative(root, file).startsWith('assets');
      void reply.header('cache-control', kept ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}
