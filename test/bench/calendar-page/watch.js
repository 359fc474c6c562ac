// Put into both pages before their own scripts. What is not reported was painted within the observer's threshold, its smallest.
(() => {
  const THRESHOLD_MS = 16;
  let interactions = [];
  const moves = [];
  let pressed = 0;
  new PerformanceObserver((list) => {
    interactions.push(...list.getEntries().map(({ duration }) => duration));
  }).observe({ type: 'event', durationThreshold: THRESHOLD_MS, buffered: true });
  addEventListener('click', ({ timeStamp }) => (pressed = timeStamp), { capture: true });

  /** After the frame that comes next, in ms since the page began. */
  const painted = () => {
    const { promise, resolve } = Promise.withResolvers();
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(performance.now());
    // A message comes after the frame, a callback of the frame before it is painted.
    requestAnimationFrame(() => port2.postMessage(null));
    return promise;
  };
  // Moves are continuous: Event Timing leaves them out.
  addEventListener(
    'pointermove',
    async ({ timeStamp, buttons }) => {
      if (buttons) moves.push((await painted()) - timeStamp);
    },
    { capture: true },
  );

  window.watch = {
    /** The longest of what was done since the last call, from the input to the paint. */
    async interaction() {
      await painted();
      await new Promise((resolve) => setTimeout(resolve, 300)); // entries come some time after their frame
      const longest = Math.max(THRESHOLD_MS, ...interactions);
      interactions = [];
      return longest;
    },
    moves: () => moves.splice(0),
    /** From the last click until the page is called so and shows this many events. */
    async drawn(title, events) {
      while (!document.title.startsWith(title) || document.querySelectorAll('.ec-event').length < events)
        if ((await painted()) - pressed > 20_000) throw new Error(`no ${events} events of ${title} within 20 s, in ${document.title}`);
      return (await painted()) - pressed;
    },
  };
})();
