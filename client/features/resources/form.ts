import { MOST_PHOTO_CHARACTERS, type NewResource, type Resource, type ResourcePatch } from '../../../server/contract/resources.ts';
import type { FieldErrors } from '../../lib/form.svelte.ts';
import { t } from '../../lib/i18n.ts';
import type { ResourceType } from './words.ts';

export type Day = { day: number; open: boolean; opens: string; closes: string };
/** A resource as it is typed: numbers as text, one opening time a day (more of them stay as they are unless touched). */
export type ResourceFields = {
  type: ResourceType;
  name: string;
  description: string;
  location: string;
  capacity: string;
  costPerUse: string;
  requiresApproval: boolean;
  available: boolean;
  timeZone: string;
  limited: boolean;
  days: Day[];
  bufferBeforeMinutes: string;
  bufferAfterMinutes: string;
};

const week = (): Day[] => [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, open: day < 6, opens: '08:00', closes: '18:00' }));

export const newResourceFields = (timeZone: string, type: ResourceType): ResourceFields => ({
  ...{ type, name: '', description: '', location: '', capacity: '1', costPerUse: '', requiresApproval: false, available: true },
  ...{ timeZone, limited: false, days: week(), bufferBeforeMinutes: '0', bufferAfterMinutes: '0' },
});

export function fieldsOf(resource: Resource): ResourceFields {
  const limited = resource.openingHours.length > 0;
  const days = week().map((each): Day => {
    const times = resource.openingHours.filter(({ day }) => day === each.day);
    const [first, last] = [times[0], times.at(-1)];
    if (!first || !last) return { ...each, open: !limited && each.open };
    return { day: each.day, open: true, opens: first.opens, closes: last.closes };
  });
  return {
    ...{ type: resource.type, name: resource.name, description: resource.description, location: resource.location },
    ...{ capacity: String(resource.capacity), costPerUse: resource.costPerUse ?? '', requiresApproval: resource.requiresApproval },
    ...{ available: resource.status === 'available', timeZone: resource.timeZone, limited, days },
    bufferBeforeMinutes: String(resource.bufferBeforeMinutes),
    bufferAfterMinutes: String(resource.bufferAfterMinutes),
  };
}

export function checkResource(fields: ResourceFields): FieldErrors {
  const errors: FieldErrors = {};
  const whole = (text: string, least: number, most: number) => /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most;
  if (!fields.name.trim()) errors.name = t('resourceForm.nameMissing');
  if (!whole(fields.capacity, 1, 500)) errors.capacity = t('resourceForm.capacityRange');
  if (!/^(\d{1,8}(\.\d{1,2})?)?$/.test(fields.costPerUse.trim())) errors.costPerUse = t('resourceForm.costForm');
  for (const name of ['bufferBeforeMinutes', 'bufferAfterMinutes'] as const)
    if (!whole(fields[name], 0, 1440)) errors[name] = t('resourceForm.bufferRange');
  const wrong = fields.limited && fields.days.some(({ open, opens, closes }) => open && (!opens || !closes || closes <= opens));
  if (wrong) errors.openingHours = t('resourceForm.hoursOrder');
  if (fields.limited && !fields.days.some(({ open }) => open)) errors.openingHours = t('resourceForm.hoursNone');
  return errors;
}

const plain = (fields: ResourceFields) => ({
  name: fields.name.trim(),
  description: fields.description.trim(),
  location: fields.location.trim(),
  capacity: Number(fields.capacity),
  costPerUse: fields.costPerUse.trim(),
  requiresApproval: fields.requiresApproval,
  timeZone: fields.timeZone,
  bufferBeforeMinutes: Number(fields.bufferBeforeMinutes),
  bufferAfterMinutes: Number(fields.bufferAfterMinutes),
});
const hoursOf = ({ limited, days }: ResourceFields) =>
  limited ? days.filter(({ open }) => open).map(({ day, opens, closes }) => ({ day, opens, closes })) : [];

export const toNewResource = (fields: ResourceFields): NewResource => ({
  ...{ type: fields.type, openingHours: hoursOf(fields) },
  ...plain(fields),
});

/** Only what was changed, so that two people editing different things do not undo each other. */
export function toPatch(fields: ResourceFields, resource: Resource): ResourcePatch {
  const read = fieldsOf(resource);
  const before = { ...plain(read), openingHours: hoursOf(read), status: read.available };
  const after = { ...plain(fields), openingHours: hoursOf(fields), status: fields.available };
  const changed = Object.entries(after).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(Reflect.get(before, name)));
  const patch = Object.fromEntries(changed);
  if ('status' in patch) patch.status = fields.available ? 'available' : 'unavailable';
  return { ...patch, version: resource.version };
}

const MOST_SIDE = 1600;

/** A picture of any camera, brought to a size that a page needs; also leaves out where it was taken. As base64. */
export async function shrink(file: Blob): Promise<string> {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, MOST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser cannot draw.');
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  for (const quality of [0.85, 0.6, 0.4]) {
    const data = canvas.toDataURL('image/jpeg', quality).split(',')[1] ?? '';
    if (data.length <= MOST_PHOTO_CHARACTERS) return data;
  }
  throw new Error('The picture is too detailed.');
}
