import type { Bind } from '../../../kernel/http.ts';
import type { EventPeopleService } from './service.ts';

export function eventPeopleRoutes(bind: Bind, people: EventPeopleService): void {
  bind('getEventPeople', ({ actor, params }) => people.list(actor, params.id));
  bind('askToEvent', ({ actor, params, query, body }) => people.ask(actor, params.id, body, query.scope));
  bind('changeEventPerson', ({ actor, params, query, body }) => people.change(actor, params, body, query.scope));
  bind('withdrawFromEvent', ({ actor, params, query }) => people.withdraw(actor, params, query.scope));
  bind('answerEvent', ({ actor, params, query, body }) => people.answer(actor, params.id, body, query.scope));
}
