import type { types } from 'mediasoup';

const INTERVAL_MS = 250;
/** dBov; lower ones are room noise. */
const THRESHOLD = -50;
/** Loudest first: whoever is beyond these is not heard as a speaker. */
const MOST = 10;

/** Watches who is audible in a room; tells the peers' ids, loudest first, when they change, at most 4 times a second. */
export class SpeakingWatch {
  readonly #observer: types.AudioLevelObserver;
  readonly #owners = new Map<string, string>();
  readonly #tell: (peerIds: string[]) => void;
  #told = '';

  private constructor(observer: types.AudioLevelObserver, tell: (peerIds: string[]) => void) {
    this.#observer = observer;
    this.#tell = tell;
    observer.on('silence', () => this.#changed([]));
    observer.on('volumes', (volumes) => this.#changed(volumes.flatMap(({ producer }) => this.#owners.get(producer.id) ?? [])));
  }

  static async start(router: types.Router, tell: (peerIds: string[]) => void): Promise<SpeakingWatch> {
    return new SpeakingWatch(
      await router.createAudioLevelObserver({ maxEntries: MOST, threshold: THRESHOLD, interval: INTERVAL_MS }),
      tell,
    );
  }

  watch(producer: types.Producer, peerId: string): void {
    this.#owners.set(producer.id, peerId);
    producer.observer.once('close', () => this.#owners.delete(producer.id));
    // Rejects only when the producer or the room has closed meanwhile: then there is nobody to watch.
    this.#observer.addProducer({ producerId: producer.id }).catch(() => {});
  }

  #changed(peerIds: string[]): void {
    const told = peerIds.join();
    if (told === this.#told) return;
    this.#told = told;
    this.#tell(peerIds);
  }
}
