import type { Timeline } from '../../contract/recordings.ts';
import type { StoredTimeline } from './entity.ts';

/** Silence shorter than this does not end a turn. */
const BRIDGED_MS = 700;
/** A chapter that begins so soon after another one adds nothing. */
const CHAPTER_MS = 5_000;

const seconds = (ms: number): number => Math.round(ms) / 1000;

/** Where it begins, where it goes on after a pause, and where somebody shows their screen. */
export function chapters({ resumedMs, screens }: StoredTimeline, nameOf: (participantId: string) => string): Timeline['chapters'] {
  const all = [
    { atMs: 0, kind: 'start' as const, name: null },
    ...resumedMs.map((atMs) => ({ atMs, kind: 'resumed' as const, name: null })),
    ...screens.map(({ atMs, participantId }) => ({ atMs, kind: 'screen' as const, name: nameOf(participantId) })),
  ].toSorted((a, b) => a.atMs - b.atMs);
  const kept: typeof all = [];
  for (const chapter of all) if (kept.length === 0 || chapter.atMs - kept.at(-1)!.atMs >= CHAPTER_MS) kept.push(chapter);
  return kept.map(({ atMs, kind, name }) => ({ at: seconds(atMs), kind, name }));
}

/** Turns of each person, short silences bridged, in the order of their first word. */
export function turns({ speaking }: Pick<StoredTimeline, 'speaking'>): { participantId: string; spans: [number, number][] }[] {
  const people = Map.groupBy(
    speaking.filter(({ fromMs, toMs }) => toMs > fromMs).toSorted((a, b) => a.fromMs - b.fromMs),
    ({ participantId }) => participantId,
  );
  return [...people].map(([participantId, heard]) => {
    const merged: { fromMs: number; toMs: number }[] = [];
    for (const { fromMs, toMs } of heard) {
      const before = merged.at(-1);
      if (before && fromMs - before.toMs <= BRIDGED_MS) before.toMs = Math.max(before.toMs, toMs);
      else merged.push({ fromMs, toMs });
    }
    return { participantId, spans: merged.map(({ fromMs, toMs }): [number, number] => [seconds(fromMs), seconds(toMs)]) };
  });
}

/** Bytes from `first` to `last`, both of them too. */
export type ByteRange = { first: number; last: number };

/**
 * What a Range header asks of a file of `size` bytes (RFC 9110 §14.1.2): null: the whole file, also for what is not understood and
 * for several ranges at once; `unsatisfiable`: nothing of the file.
 */
export function byteRange(header: string | undefined, size: number): ByteRange | null | 'unsatisfiable' {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return null;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== '' && to !== '' && Number(to) < Number(from)) return null;
  return first > last || first >= size ? 'unsatisfiable' : { first, last };
}

/** A name for a downloaded file that every system takes. */
export function downloadName(parts: (string | null)[], extension: string): string {
  const name = parts
    .filter((part) => part !== null && part !== '')
    .join(' - ')
    .replaceAll(/[\p{Cc}<>:"/\\|?*]/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return `${name.slice(0, 120) || 'recording'}.${extension}`;
}
