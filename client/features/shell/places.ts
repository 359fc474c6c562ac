import CalendarCheck from '@lucide/svelte/icons/calendar-check';
import CalendarDays from '@lucide/svelte/icons/calendar-days';
import DoorOpen from '@lucide/svelte/icons/door-open';
import Users from '@lucide/svelte/icons/users';
import Video from '@lucide/svelte/icons/video';
import type { Component } from 'svelte';
import type { MessageKey } from '../../lib/i18n.ts';

export type Place = {
  path: '/' | '/calendar' | '/meetings' | '/resources' | '/people';
  label: MessageKey;
  icon: Component;
  /** Only for those who may do this. */
  action?: string;
  /** Goes there after `G`. */
  letter: string;
};

export const PLACES: readonly Place[] = [
  { path: '/', label: 'nav.today', icon: CalendarCheck, letter: 't' },
  { path: '/calendar', label: 'nav.calendar', icon: CalendarDays, letter: 'c' },
  { path: '/meetings', label: 'nav.meetings', icon: Video, letter: 'm' },
  { path: '/resources', label: 'nav.resources', icon: DoorOpen, action: 'resource.read', letter: 'r' },
  { path: '/people', label: 'nav.people', icon: Users, action: 'user.list', letter: 'p' },
];
