const INTERVAL_MS = 80;
/** RMS of ordinary speech close to a microphone; louder is full scale. */
const FULL = 0.2;

/** How loud a track is, 0 to 1, for a meter. */
export class Level {
  value = $state(0);
  #stop: (() => void) | undefined;

  watch(track: MediaStreamTrack): void {
    this.stop();
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    const samples = new Float32Array(analyser.fftSize);
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    const timer = setInterval(() => {
      // Without a gesture on the page the browser keeps the context suspended; the first click wakes it.
      if (context.state === 'suspended') void context.resume();
      analyser.getFloatTimeDomainData(samples);
      const rms = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
      this.value = Math.max(Math.min(1, Math.sqrt(rms / FULL)), this.value * 0.8);
    }, INTERVAL_MS);
    this.#stop = () => {
      clearInterval(timer);
      void context.close();
      this.value = 0;
    };
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }
}
