import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { AppError, type ErrorCode } from '../../../contract/errors.ts';
import { type OperationId, operations } from '../../../contract/operations.ts';
import type { Actor } from '../../../kernel/actor.ts';
import type { Database } from '../../../kernel/database.ts';
import { findMeeting } from '../service.ts';
import { ownParticipant, roleIn } from '../participants/service.ts';
import { Participant } from '../participants/entity.ts';

/** Per person, meeting and minute; the rest of a flood says nothing new. */
const MOST_PER_MINUTE = 30;

export type RefusedCommand = { actor: Actor; command: string; meetingId: string; participantId?: string | undefined };

/**
 * Commands that somebody with a part in a meeting had no right to give leave a row in its audit trail: `refused.{operation}`.
 * Mistakes (a wrong field, an id that does not exist) leave none.
 */
export class RefusalService {
  #database: Database;
  #log: Logger;
  #counted = new Map<string, { count: number; until: number }>();

  constructor(database: Database, log: Logger) {
    this.#database = database;
    this.#log = log;
  }

  /** An HTTP operation that would have changed something in a meeting. */
  async operation(id: OperationId, { actor, method, params }: FastifyRequest, error: unknown): Promise<void> {
    if (method === 'GET' || !operations[id].path.startsWith('/api/meetings/:id')) return;
    // Validated before by the operation's own schema.
    const { id: meetingId, participantId } = params as { id: string; participantId?: string };
    await this.note({ actor, command: id, meetingId, participantId }, error);
  }

  /** Never throws: the refusal itself is what the caller gets. */
  async note(command: RefusedCommand, error: unknown): Promise<void> {
    try {
      if (error instanceof AppError) await this.#note(command, error.code);
    } catch (failure) {
      this.#log.error({ err: failure, command: command.command }, 'a refused command could not be audited');
    }
  }

  async #note({ actor, command, meetingId, participantId }: RefusedCommand, code: ErrorCode): Promise<void> {
    if (actor.id === null || !(await this.#forged(actor, meetingId, participantId, code))) return;
    if (!this.#allow(`${actor.id} ${meetingId}`)) return;
    await this.#database.transact(actor, async (tx) => {
      tx.audit({
        ...{ scope: meetingId, action: `refused.${command}`, details: { code } },
        ...(participantId
          ? { resourceType: 'participant', resourceId: participantId }
          : { resourceType: 'meeting', resourceId: meetingId }),
      });
    });
  }

  async #forged(actor: Actor, meetingId: string, participantId: string | undefined, code: ErrorCode): Promise<boolean> {
    if (code !== 'NOT_ALLOWED' && code !== 'NOT_SIGNED_IN' && code !== 'NOT_FOUND') return false;
    const em = this.#database.reader();
    const meeting = await findMeeting(em, meetingId).catch(() => null);
    if (!meeting) return false;
    const role = await roleIn(em, meeting, actor);
    if (!role) return (await ownParticipant(em, meetingId, actor)) !== null;
    if (code !== 'NOT_FOUND') return true;
    // The id of somebody in another meeting; one that nobody has is no more than a mistake.
    return participantId !== undefined && (await em.count(Participant, { id: participantId, event: { $ne: meetingId } })) > 0;
  }

  #allow(key: string): boolean {
    const now = this.#database.clock.now().epochMilliseconds;
    if (this.#counted.size > 10_000) this.#counted.clear();
    const counted = this.#counted.get(key);
    if (!counted || counted.until <= now) {
      this.#counted.set(key, { count: 1, until: now + 60_000 });
      return true;
    }
    return ++counted.count <= MOST_PER_MINUTE;
  }
}
