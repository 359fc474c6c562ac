import type { UserRow } from '../../../server/contract/accounts.ts';
import type { MeetingInvitation } from '../../../server/contract/meeting-invitations.ts';
import { api } from '../../lib/api.ts';

/** Who is invited by name to one meeting, latest first; more pages on demand. */
export class Invitations {
  items = $state.raw<MeetingInvitation[]>([]);
  /** There are more than are shown. */
  next = $state.raw<string | null>(null);
  /** Accounts that may be meant by what was typed last. */
  found = $state.raw<UserRow[]>([]);
  readonly #params: { id: string };

  constructor(meetingId: string) {
    this.#params = { id: meetingId };
  }

  async load(): Promise<void> {
    const page = await api('listMeetingInvitations', { params: this.#params });
    this.items = page.items;
    this.next = page.next;
  }

  async more(): Promise<void> {
    if (!this.next) return;
    const page = await api('listMeetingInvitations', { params: this.#params, query: { after: this.next } });
    this.items = [...this.items, ...page.items];
    this.next = page.next;
  }

  async invite(who: { email: string } | { userId: string }): Promise<void> {
    const invitation = await api('inviteToMeeting', { params: this.#params, body: who });
    this.items = [invitation, ...this.items];
    this.found = [];
  }

  async withdraw(invitationId: string): Promise<void> {
    await api('withdrawMeetingInvitation', { params: { ...this.#params, invitationId } });
    this.items = this.items.filter(({ id }) => id !== invitationId);
  }

  /** Only those who may list accounts can look somebody up. */
  async lookUp(q: string): Promise<void> {
    this.found = (await api('listUsers', { query: { q, limit: 5 } })).items;
  }
}
