import CalendarCheck from '@lucide/svelte/icons/calendar-check';
import Users from '@lucide/svelte/icons/users';
import Video from '@lucide/svelte/icons/video';
import type { Component } from 'svelte';
import type { MessageKey } from '../../lib/i18n.ts';

export type Place = {
  path: '/' | '/meetings' | '/people';
  label: MessageKey;
  icon: Component;
  /** Only for those who may do this. */
  action?: string;
  /** Goes there after `G`. */
  letter: string;
};

export const PLACES: readonly Place[] = [
  { path: '/', label: 'nav.today', icon: CalendarCheck, letter: 't' },
  { path: '/meetings', label: 'nav.meetings', icon: Video, letter: 'm' },
  { path: '/people', label: 'nav.people', icon: Users, action: 'user.list', letter: 'p' },
];
