import type { types } from 'mediasoup';

const INTERVAL_MS = 250;
/** dBov; lower ones are room noise. */
const THRESHOLD = -50;
/** As many as a room takes. */
const EVERYBODY = 500;
/** Loudest first: whoever is beyond these is not shown as a speaker. */
const MOST = 10;

/** `speaking`: the loudest, on change; `audible`: everybody above the noise, at every interval in which there is somebody. */
export type SpeakingEvents = { speaking: (peerIds: string[]) => void; audible: (peerIds: string[]) => void };

/** Watches who is audible in a room. */
export class SpeakingWatch {
  readonly #observer: types.AudioLevelObserver;
  readonly #owners = new Map<string, string>();
  readonly #events: SpeakingEvents;
  #told = '';

  private constructor(observer: types.AudioLevelObserver, events: SpeakingEvents) {
    this.#observer = observer;
    this.#events = events;
    observer.on('silence', () => this.#changed([]));
    observer.on('volumes', (volumes) => {
      const peerIds = volumes.flatMap(({ producer }) => this.#owners.get(producer.id) ?? []);
      this.#events.audible(peerIds);
      this.#changed(peerIds.slice(0, MOST));
    });
  }

  static async start(router: types.Router, events: SpeakingEvents): Promise<SpeakingWatch> {
    return new SpeakingWatch(
      await router.createAudioLevelObserver({ maxEntries: EVERYBODY, threshold: THRESHOLD, interval: INTERVAL_MS }),
      events,
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
    this.#events.speaking(peerIds);
  }
}
