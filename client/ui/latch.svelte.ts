/**
 * Has it been so once? What a menu or a dialog shows is made when it is first opened: a room has a dozen of them, and each would cost its
 * share of the time until the first picture.
 */
export function latch(open: () => boolean): { readonly once: boolean } {
  let once = $state(false);
  $effect.pre(() => {
    if (open()) once = true;
  });
  return {
    get once() {
      return once;
    },
  };
}
