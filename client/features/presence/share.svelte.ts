/** What is shown of a screen is read, not watched. */
export const SHARE_FRAME_RATE = 15;

/** Why the screen is not shared: the computer does not let the browser see it, or anything else. Closing the browser's question is no problem. */
export type ShareProblem = 'system' | 'failed';
type ShareTracks = { screen: MediaStreamTrack | null; screenAudio: MediaStreamTrack | null };

/** Newer wishes than the DOM's types know; browsers ignore what they do not. */
type Wishes = DisplayMediaStreamOptions & {
  systemAudio: 'include';
  surfaceSwitching: 'include';
  audio: MediaTrackConstraints & { restrictOwnAudio: boolean };
};
const WISHES: Wishes = {
  video: { frameRate: { ideal: SHARE_FRAME_RATE, max: SHARE_FRAME_RATE } },
  // As it sounds; and without our own page's voices, which the others would hear twice.
  audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false, restrictOwnAudio: true },
  systemAudio: 'include',
  surfaceSwitching: 'include',
};
const NONE: ShareTracks = { screen: null, screenAudio: null };

/** What this person shows of their screen. Begins by a click, ends by another, by the browser's own button, or by the server. */
export class ScreenShare {
  /** Phones cannot; nor can pages over plain HTTP from elsewhere. */
  readonly available = typeof (navigator.mediaDevices as Partial<MediaDevices> | undefined)?.getDisplayMedia === 'function';
  tracks = $state.raw<ShareTracks>(NONE);
  /** The browser asks the person what to show. */
  choosing = $state(false);
  problem = $state<ShareProblem | null>(null);
  readonly on = $derived(this.tracks.screen !== null);
  #listeners: (() => void)[] = [];

  onChange(listener: () => void): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  async start(): Promise<void> {
    if (this.choosing || this.on) return;
    this.choosing = true;
    this.problem = null;
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia(WISHES);
      // Stopped (left, put out) while the person chose.
      if (this.choosing) this.#adopt(stream);
      else for (const track of stream.getTracks()) track.stop();
    } catch (error) {
      this.problem = problemOf(error);
    } finally {
      this.choosing = false;
    }
  }

  stop(): void {
    this.choosing = false;
    const { screen, screenAudio } = this.tracks;
    if (!screen) return;
    this.tracks = NONE;
    screen.stop();
    screenAudio?.stop();
    this.#tell();
  }

  #adopt(stream: MediaStream): void {
    const [screen = null] = stream.getVideoTracks();
    const [screenAudio = null] = stream.getAudioTracks();
    if (!screen) return;
    screen.contentHint = 'detail';
    screen.addEventListener('ended', () => this.tracks.screen === screen && this.stop());
    if (screenAudio) screenAudio.contentHint = 'music';
    this.tracks = { screen, screenAudio };
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function problemOf(error: unknown): ShareProblem | null {
  if (!(error instanceof DOMException)) return 'failed';
  // The same name for "no, thanks" and for a computer that forbids it: only the words tell them apart.
  if (error.name === 'NotAllowedError') return /system/i.test(error.message) ? 'system' : null;
  return error.name === 'AbortError' ? null : 'failed';
}
