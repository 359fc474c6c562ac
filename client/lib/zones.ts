import { zoneName } from './time.ts';

/** Every zone this browser knows, for a Select; `current` is in it even when the browser does not list it. */
export function zoneOptions(current: string): { value: string; label: string }[] {
  const zones = new Set(['UTC', ...Intl.supportedValuesOf('timeZone'), current]);
  return [...zones].sort().map((zone) => ({ value: zone, label: zone === 'UTC' ? 'UTC' : `${zoneName(zone)} (${zone})` }));
}

export function browserZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
