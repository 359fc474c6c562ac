import type { RecordingMark, RecordingTake } from '../contract/recordings.ts';

export type ComposeOptions = {
  /** Display names by participant. */
  names: Readonly<Record<string, string>>;
  /** 0 to 1. */
  onProgress: (done: number) => void;
  signal: AbortSignal;
};

/**
 * Recording as the features see it: rooms are recorded into folders, which are composed into one file afterwards. A recording
 * outlives its room: it waits while nobody is there, and goes on when the room is opened again.
 */
export interface RecordingPort {
  /** Is the room of this meeting open on this server? */
  carries(roomId: string): boolean;
  /** Of those in `agreed` alone anything is recorded. A folder whose recorder was killed is gone on with. */
  start(roomId: string, input: { folder: string; agreed: readonly string[]; paused: boolean }): Promise<void>;
  running(roomId: string): boolean;
  setPaused(roomId: string, paused: boolean): Promise<void>;
  agree(roomId: string, peerId: string): void;
  mark(roomId: string, mark: RecordingMark): void;
  /** Ends every file. Fine when nothing is running. */
  stop(roomId: string): Promise<void>;
  /** Reads what a stopped, or killed, recorder left; files that were not ended are mended. Null when nothing was recorded. */
  read(folder: string): Promise<RecordingTake | null>;
  /** What to type when FFmpeg is missing; null: it is there. */
  composerFix(): string | null;
  /** Answers the name of the file in `folder`. Goes on where it was when it was killed. */
  compose(folder: string, options: ComposeOptions): Promise<string>;
}
