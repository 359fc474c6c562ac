import type { Resource as ResourceView } from '../../contract/resources.ts';
import type { Resource } from './entity.ts';
import type { Span } from './rules.ts';

export const resourceView = (resource: Resource): ResourceView => ({
  id: resource.id,
  type: resource.type,
  name: resource.name,
  description: resource.description,
  status: resource.status,
  location: resource.location,
  capacity: resource.capacity,
  requiresApproval: resource.requiresApproval,
  costPerUse: resource.costPerUse ?? null,
  timeZone: resource.timeZone,
  openingHours: resource.openingHours,
  bufferBeforeMinutes: resource.bufferBeforeMinutes,
  bufferAfterMinutes: resource.bufferAfterMinutes,
  userId: resource.user?.id ?? null,
  photo: resource.photoHash ? `/api/resources/${resource.id}/photo?v=${resource.photoHash.slice(0, 16)}` : null,
  createdAt: resource.createdAt.toString(),
  version: resource.version,
});

export const spanView = ({ startsAt, endsAt }: Span) => ({ startsAt: startsAt.toString(), endsAt: endsAt.toString() });
