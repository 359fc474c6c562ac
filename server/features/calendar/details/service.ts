import type { EntityManager } from '@mikro-orm/postgresql';
import type { EventPatch } from '../../../contract/calendar.ts';
import { AppError } from '../../../contract/errors.ts';
import { User } from '../../accounts/entity.ts';
import type { Event, Series } from '../entity.ts';

/** Puts what is said beside the time into an event, or into a series for all of its occurrences. The answer: what is different now. */
export async function applyDetails(em: EntityManager, target: Event | Series, input: EventPatch): Promise<string[]> {
  const { title, description, location, visibility, community, communityType, priority, capacity } = input;
  const wanted = {
    ...{ title: title?.trim(), description, location, visibility, community: community?.trim(), communityType, priority, capacity },
    ...progressOf(target, input),
  };
  const changed = Object.entries(wanted).filter(
    ([name, value]) => value !== undefined && value !== ((target as Partial<Record<string, unknown>>)[name] ?? null), // by the names above
  );
  Object.assign(target, Object.fromEntries(changed));
  const fields = changed.map(([name]) => name);
  if (input.assigneeId === undefined || input.assigneeId === (target.assignee?.id ?? null)) return fields;
  const assignee = input.assigneeId === null ? null : await em.findOne(User, { id: input.assigneeId });
  if (input.assigneeId !== null && !assignee) throw new AppError('NOT_FOUND', 'There is no such person to do it.');
  target.assignee = assignee;
  return [...fields, 'assigneeId'];
}

/** A finished task is completed, and the other way round. How far something is, each occurrence says for itself. */
function progressOf(target: Event | Series, { progress, status }: EventPatch): Pick<EventPatch, 'progress' | 'status'> {
  if (!('startsAt' in target)) return status === undefined ? {} : { status };
  const done = progress ?? (status === 'completed' && target.kind === 'task' ? 100 : undefined);
  const said = status ?? (progress === 100 ? 'completed' : undefined);
  return {
    ...(progress === null ? { progress } : done === undefined ? {} : { progress: done }),
    ...(said === undefined ? {} : { status: said }),
  };
}
