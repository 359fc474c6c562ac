/** Heard by everybody when a recording begins (rising), and when it ends or pauses (falling). */
export function playTone(how: 'begins' | 'ends'): void {
  try {
    const context = new AudioContext();
    const notes = how === 'begins' ? [523, 784] : [784, 523];
    for (const [index, frequency] of notes.entries()) {
      const start = context.currentTime + index * 0.16;
      const gain = new GainNode(context, { gain: 0 });
      // Softly in and out, so that nothing clicks.
      gain.gain.setValueAtTime(0, start);
      gain.gain.linearRampToValueAtTime(0.12, start + 0.02);
      gain.gain.linearRampToValueAtTime(0, start + 0.15);
      const tone = new OscillatorNode(context, { frequency });
      tone.connect(gain).connect(context.destination);
      tone.start(start);
      tone.stop(start + 0.16);
      if (index === notes.length - 1) tone.onended = () => void context.close();
    }
  } catch {
    // A browser without sound still shows the words.
  }
}
