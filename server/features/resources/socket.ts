import type { Topics } from '../../kernel/topics.ts';
import type { ResourceService } from './service.ts';

export function resourceSocket(topics: Topics, resources: ResourceService): void {
  topics.define('resource', { authorize: (actor, id) => resources.authorize(actor, id), snapshot: async () => ({}) });
  topics.define('resources', { authorize: (actor) => resources.authorize(actor), snapshot: async () => ({}) });
}
