import type { Answer, EventPeople, EventPerson } from '../../server/contract/event-people.ts';
import type { Scope } from '../../server/contract/recurrence.ts';
import { userIdOf } from './cast.ts';
import type { Person } from './person.ts';

/** Asks an account to an event. */
export const askTo = async (organizer: Person, id: string, person: Person, scope: Scope = 'this'): Promise<EventPerson> =>
  organizer.call('askToEvent', { params: { id }, query: { scope }, body: { userId: await userIdOf(person) } });

export const answer = (person: Person, id: string, said: Answer, scope: Scope = 'this'): Promise<EventPerson> =>
  person.call('answerEvent', { params: { id }, query: { scope }, body: { answer: said } });

export const peopleAt = (person: Person, id: string): Promise<EventPeople> => person.call('getEventPeople', { params: { id } });

/** `Bob yes`, `Cleo waits 1`, `Dan -`: as the organizer reads them. */
export const linesOf = ({ items }: EventPeople): string[] =>
  items.map(({ name, email, answer: said, waiting }) => `${name ?? email} ${waiting === null ? (said ?? '-') : `waits ${waiting}`}`);
