import type { View } from './span.ts';

export type Command = { view: View } | { go: 'today' | 'next' | 'previous' } | { open: 'new' | 'search' | 'help' };

const COMMANDS: Record<string, Command> = {
  d: { view: 'day' },
  w: { view: 'week' },
  x: { view: 'weeks' },
  m: { view: 'month' },
  y: { view: 'year' },
  a: { view: 'agenda' },
  r: { view: 'timeline' },
  t: { go: 'today' },
  ArrowLeft: { go: 'previous' },
  ArrowRight: { go: 'next' },
  n: { open: 'new' },
  '/': { open: 'search' },
  '?': { open: 'help' },
};

type Pressed = { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean; repeat?: boolean };

/** What a key does while nobody types anywhere; null: nothing of ours. */
export function commandOf({ key, ctrlKey, metaKey, altKey }: Pressed): Command | null {
  if (ctrlKey || metaKey || altKey) return null;
  return COMMANDS[key.length === 1 ? key.toLowerCase() : key] ?? null;
}
