/** The whole page on the whole screen, where the browser can. */
export class FullScreen {
  /** iPhones cannot. */
  readonly available = document.fullscreenEnabled === true;
  on = $state(document.fullscreenElement !== null);

  /** Until the returned function is called. */
  follow(): () => void {
    const look = () => (this.on = document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', look);
    return () => {
      document.removeEventListener('fullscreenchange', look);
      if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined);
    };
  }

  toggle(): void {
    if (!this.available) return;
    const change = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
    // Refused by the browser (no gesture, or forbidden in its frame): the page stays as it is, and the menu says so.
    change.catch(() => undefined);
  }
}
