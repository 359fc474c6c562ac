import { type FileHandle, open, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Source } from '../../server/contract/media.ts';
import type { RecordingMark } from '../../server/contract/recordings.ts';

/** One fact; `at` in ms since the beginning. Tracks are of those alone who agreed to be recorded. */
export type Entry =
  | { at: number; event: 'start'; wall: string }
  /** A recorder that was killed goes on: what was open has ended with the last beat. */
  | { at: number; event: 'again' }
  | { at: number; event: 'beat' }
  | { at: number; event: 'track'; track: string; peer: string; source: Source; kind: 'audio' | 'video'; file: string }
  | { at: number; event: 'unsupported'; peer: string; source: Source; codec: string }
  | { at: number; event: 'first' | 'pause' | 'resume'; track: string }
  | { at: number; event: 'size'; track: string; width: number; height: number }
  | { at: number; event: 'end'; track: string; lost: number; frames: number }
  | { at: number; event: 'speaking'; peers: readonly string[] }
  | { at: number; event: 'mark'; mark: RecordingMark }
  | { at: number; event: 'suspend' | 'continue' | 'stop' }
  | { at: number; event: 'failed'; error: string };

const NAME = 'journal.jsonl';

/** What happened in a recording, one line per fact, written as it happens: what a killed recorder leaves can be read. */
export class Journal {
  readonly #file: FileHandle;
  readonly #onError: (error: Error) => void;
  #lines: string[] = [];
  #writing: Promise<void> = Promise.resolve();
  #broken = false;
  #closed = false;

  private constructor(file: FileHandle, onError: (error: Error) => void) {
    this.#file = file;
    this.#onError = onError;
  }

  static async open(folder: string, onError: (error: Error) => void): Promise<Journal> {
    const file = await open(path.join(folder, NAME), 'a');
    const journal = new Journal(file, onError);
    // A line that was torn by a kill must not swallow the next one.
    if ((await file.stat()).size > 0) journal.#lines.push('');
    return journal;
  }

  /** After the end nothing is written: a source that was just being taken on has no frames. */
  write(entry: Entry): void {
    if (this.#closed) return;
    this.#lines.push(JSON.stringify({ ...entry, at: Math.round(entry.at) }));
    this.#writing = this.#writing.then(() => this.#flush());
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    const lines = this.#lines.splice(0);
    if (lines.length === 0 || this.#broken) return;
    try {
      await this.#file.appendFile(`${lines.join('\n')}\n`);
    } catch (error) {
      this.#broken = true;
      this.#onError(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

/** Every whole line; empty when there is no journal. */
export async function readJournal(folder: string): Promise<Entry[]> {
  const text = await readFile(path.join(folder, NAME), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').flatMap((line) => {
    try {
      return line ? [JSON.parse(line) as Entry] : []; // written by `write` alone
    } catch {
      return []; // torn by a kill
    }
  });
}
