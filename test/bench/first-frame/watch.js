// Put into both pages before their own scripts: `firstFrame` is a promise of the time, in ms, from the last click to the first frame of somebody else's
// picture that was presented.
(() => {
  const REMOTE = '[data-participant-id]:not([data-self]) video, video[data-remote]';
  const watched = new WeakSet();
  const { promise, resolve } = Promise.withResolvers();
  window.firstFrame = promise;
  let clicked;
  addEventListener('click', () => (clicked = performance.now()), { capture: true });
  const presented = (video) => {
    if (clicked !== undefined && video.matches(REMOTE)) resolve(performance.now() - clicked);
  };
  new MutationObserver(() => {
    for (const video of document.querySelectorAll('video')) {
      if (watched.has(video)) continue;
      watched.add(video);
      video.requestVideoFrameCallback(() => presented(video));
    }
  }).observe(document, { childList: true, subtree: true });
})();
