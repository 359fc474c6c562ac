import type { Input, Output } from '../../../server/contract/define.ts';
import type { Operations } from '../../../server/contract/operations.ts';
import { api } from '../../lib/api.ts';

type Plan = Input<Operations['findConflicts']>['body'];

const PAUSE_MS = 300;

/** Asks what stands in the way of a plan while it is being made. Not knowing is no reason to stop anybody: the server decides when it is saved. */
export class ConflictCheck {
  answer = $state.raw<Output<Operations['findConflicts']>>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;

  /** Null: there is no complete plan yet. */
  ask(plan: Plan | null): void {
    clearTimeout(this.#timer);
    this.#turn += 1;
    const turn = this.#turn;
    if (!plan) {
      this.answer = undefined;
      return;
    }
    this.#timer = setTimeout(async () => {
      const answer = await api('findConflicts', { body: plan }).catch(() => undefined);
      if (turn === this.#turn) this.answer = answer;
    }, PAUSE_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#turn += 1;
  }
}
