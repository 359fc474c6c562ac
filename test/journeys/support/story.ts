import type { Test } from 'tap';
import type { Crowd } from './browser.ts';

export type Step = (name: string, work: (t: Test) => Promise<void>) => void;

/**
 * The steps of one story, each a test. Where one fails, what everybody had on the screen is told, and the steps after it are
 * not tried: each would only wait for what never comes.
 */
export function story(t: Test, crowd: Crowd): Step {
  let broken: string | undefined;
  return (name, work) =>
    void t.test(name, async (t) => {
      if (broken !== undefined) return void t.fail(`not reached, because of "${broken}"`);
      try {
        await work(t);
      } catch (error) {
        t.error(error);
      }
      if (t.passing()) return;
      broken = name;
      for (const screen of await crowd.screens()) t.comment(screen);
    });
}
