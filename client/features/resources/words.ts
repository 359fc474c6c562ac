import Car from '@lucide/svelte/icons/car';
import DoorOpen from '@lucide/svelte/icons/door-open';
import Projector from '@lucide/svelte/icons/projector';
import UserRound from '@lucide/svelte/icons/user-round';
import type { OpeningTime, Resource } from '../../../server/contract/resources.ts';
import { t } from '../../lib/i18n.ts';

/** In the order in which people look for them. */
export const TYPES = ['room', 'vehicle', 'equipment', 'facilitator'] as const;
export type ResourceType = (typeof TYPES)[number];

export const typeIcons = { room: DoorOpen, vehicle: Car, equipment: Projector, facilitator: UserRound };

export const toType = (value: string | null): ResourceType | null => TYPES.find((type) => type === value) ?? null;

/** 1 is Monday; a week that has one, whatever it is. */
export const dayName = (day: number, locale: string, style: 'long' | 'short' = 'long'): string =>
  new Intl.DateTimeFormat(locale, { weekday: style, timeZone: 'UTC' }).format(Date.UTC(2024, 0, day));

/** `Mon–Fri 08:00–18:00, Sat 09:00–12:00`: days in a row with the same hours are said together. */
export function hoursWords(hours: readonly OpeningTime[], locale: string): string {
  if (hours.length === 0) return t('resource.alwaysOpen');
  const groups: { first: number; last: number; text: string }[] = [];
  for (const [day, times] of Map.groupBy(hours, (time) => time.day)) {
    const text = times.map(({ opens, closes }) => `${opens}–${closes}`).join(', ');
    const before = groups.at(-1);
    if (before && before.last === day - 1 && before.text === text) before.last = day;
    else groups.push({ first: day, last: day, text });
  }
  const name = (day: number) => dayName(day, locale, 'short');
  return groups.map(({ first, last, text }) => `${first === last ? name(first) : `${name(first)}–${name(last)}`} ${text}`).join('; ');
}

export function buffersWords({ bufferBeforeMinutes: before, bufferAfterMinutes: after }: Resource): string {
  return before || after ? t('resource.buffers', { before, after }) : t('resource.noBuffers');
}
