import { isRefusal } from './api.ts';
import { fieldErrors, wordsFor } from './words.ts';

export type FieldErrors = Record<string, string>;

/** What somebody types, what is wrong with it, and whether it would be lost. Nothing is cleared by a failure. */
export class Form<V extends Record<string, unknown>> {
  values: V;
  errors = $state<FieldErrors>({});
  /** The refusal as a whole, for the summary. */
  failure = $state.raw<unknown>();
  busy = $state(false);
  #saved = $state('');

  constructor(initial: V) {
    const values = $state(initial);
    this.values = values;
    this.#saved = JSON.stringify(initial);
  }

  get dirty(): boolean {
    return JSON.stringify(this.values) !== this.#saved;
  }

  /** What the summary says above the fields; null when there is nothing to say. */
  get summary(): string | null {
    return this.failure === undefined ? null : wordsFor(this.failure);
  }

  /** True when it was sent and accepted. `check` names what is wrong without asking the server. */
  async submit(send: (values: V) => Promise<unknown>, check?: (values: V) => FieldErrors): Promise<boolean> {
    if (this.busy) return false;
    this.errors = check?.(this.values) ?? {};
    this.failure = undefined;
    if (Object.keys(this.errors).length > 0) return false;
    this.busy = true;
    const sent = JSON.stringify(this.values);
    try {
      await send(this.values);
      this.#saved = sent;
      return true;
    } catch (error) {
      this.failure = error;
      if (isRefusal(error)) this.errors = fieldErrors(error.errors);
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** What is typed now counts as saved: leaving asks no more. */
  settle(): void {
    this.#saved = JSON.stringify(this.values);
  }
}
