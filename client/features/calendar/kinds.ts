import CalendarDays from '@lucide/svelte/icons/calendar-days';
import Handshake from '@lucide/svelte/icons/handshake';
import Lock from '@lucide/svelte/icons/lock';
import Megaphone from '@lucide/svelte/icons/megaphone';
import SquareCheck from '@lucide/svelte/icons/square-check';
import TreePalm from '@lucide/svelte/icons/tree-palm';
import UserRound from '@lucide/svelte/icons/user-round';
import Video from '@lucide/svelte/icons/video';
import type { Component } from 'svelte';
import type { CalendarEntry, EventKind } from '../../../server/contract/calendar.ts';
import { t } from '../../lib/i18n.ts';

/** A kind is known by its icon and shape; what others keep private has only one of its own. */
export const KIND_ICONS: Record<EventKind | 'busy', Component> = {
  event: CalendarDays,
  meeting: Video,
  appointment: UserRound,
  engagement: Handshake,
  task: SquareCheck,
  community: Megaphone,
  leave: TreePalm,
  busy: Lock,
};

export const kindOf = ({ busy, kind }: Pick<CalendarEntry, 'busy' | 'kind'>): EventKind | 'busy' => (busy ? 'busy' : (kind ?? 'event'));

export const titleOf = ({ busy, title, organizerName }: Pick<CalendarEntry, 'busy' | 'title' | 'organizerName'>): string =>
  busy ? t('calendar.busy', { name: organizerName }) : title;
