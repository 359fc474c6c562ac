import type { Locator } from 'playwright-core';
import type { Visitor } from './browser.ts';
import { seesMoving, trackOf } from './media.ts';
import type { Server } from './server.ts';
import { shot } from './shots.ts';

export const HOST = { name: 'Ada Host', email: 'ada@example.org', password: 'correct horse battery staple' };

/** The printed link, once: name, e-mail and password make the administrator, who is signed in then. */
export async function firstSignIn(visitor: Visitor, server: Server): Promise<void> {
  if (!server.signInLink) throw new Error(`no sign-in link was printed: ${server.words()}`);
  const { page } = visitor;
  await page.goto(server.signInLink);
  await page.getByLabel('Name').fill(HOST.name);
  await page.getByLabel('E-mail').fill(HOST.email);
  await page.getByLabel('Password').fill(HOST.password);
  await shot(page, 'welcome');
  await visitor.button('Set password and sign in').click();
  await visitor.sees(page.getByRole('heading', { name: 'Today', level: 1 }));
}

type MeetingWishes = { title: string; accessCode?: string; seats?: number; waitingRoom?: boolean };

/** Creates a meeting through its form and answers the link that "Copy link" puts onto the clipboard. */
export async function createMeeting(visitor: Visitor, { title, accessCode, seats, waitingRoom = true }: MeetingWishes): Promise<string> {
  const { page } = visitor;
  await visitor.open('/meetings/new');
  await page.getByLabel('Title').fill(title);
  if (!waitingRoom) await page.getByRole('switch', { name: 'Waiting room' }).uncheck();
  if (accessCode !== undefined) {
    await page.getByRole('switch', { name: 'Access code' }).check();
    await page.getByLabel('Code', { exact: true }).fill(accessCode);
  }
  if (seats !== undefined) await page.getByLabel('Places').fill(String(seats));
  await visitor.button('Create meeting').click();
  await visitor.sees(page.getByRole('heading', { name: title, level: 1 }));
  return copyLink(visitor);
}

/** What "Copy link" puts onto the clipboard. */
export async function copyLink({ page }: Visitor): Promise<string> {
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  // In the page, where the clipboard of this person is.
  return page.evaluate('navigator.clipboard.readText()');
}

/** The door of a meeting's link: whose it is, what it is called, and one's own moving picture before anybody sees it. */
export async function comeToDoor(visitor: Visitor, link: string): Promise<void> {
  await visitor.page.goto(link);
  await seesMoving(visitor.page.locator('div', { has: visitor.page.getByLabel('Your camera, as others will see you') }).last());
}

export async function startMeeting(host: Visitor, link: string): Promise<void> {
  await comeToDoor(host, link);
  await host.button('Start meeting').click();
  await host.sees(tile(host, HOST.name, true));
}

/** Types a name, asks, and waits at the door. */
export async function askToJoin(guest: Visitor, link: string, name: string): Promise<void> {
  await comeToDoor(guest, link);
  await guest.page.getByLabel('Your name').fill(name);
  await guest.button('Ask to join').click();
  await guest.sees('You are waiting to be let in');
}

export async function letIn(host: Visitor, name: string): Promise<void> {
  await host.button(`Let in ${name}`).click();
}

/** Somebody's tile in a page; one's own says so. */
export function tile({ page }: Visitor, name: string, own = false): Locator {
  return page.getByRole('listitem', { name: own ? `${name} (you)` : name, exact: true }).and(page.locator('[data-state]'));
}

/** Each has the other's picture moving on the screen. */
export async function seeEachOther(host: Visitor, guest: Visitor, name: string): Promise<void> {
  await Promise.all([seesMoving(tile(host, name)), seesMoving(tile(guest, HOST.name))]);
}

/** Runs what breaks their media; both must see each other anew afterwards. Answers after how many milliseconds they did. */
export async function seeEachOtherAnew(host: Visitor, guest: Visitor, name: string, breaks: () => Promise<void>): Promise<number> {
  const tiles = [tile(host, name), tile(guest, HOST.name)];
  const dead = await Promise.all(tiles.map(trackOf));
  const started = performance.now();
  await breaks();
  await Promise.all(tiles.map((shown, index) => seesMoving(shown, { not: dead[index], ms: 20_000 })));
  return Math.round(performance.now() - started);
}

/** An account of somebody, made by whoever is administrator, signed in there. */
export async function inviteInto(server: Server, by: Visitor, visitor: Visitor, name: string, role = 'staff'): Promise<void> {
  const email = `${name.split(' ')[0]!.toLowerCase()}@example.org`;
  const invited = await by.page.request.post(`${server.origin}/api/invitations`, { data: { name, email, role } });
  const { url } = await invited.json();
  await visitor.page.request.post(`${server.origin}/api/invitations/${url.split('/').at(-1)}/accept`, {
    data: { name, email, password: HOST.password },
  });
}

/** Through a door that lets everybody in. `muted`: nothing is heard of them until they switch their microphone on. */
export async function comeIn(visitor: Visitor, link: string, name: string, { muted = false } = {}): Promise<void> {
  await comeToDoor(visitor, link);
  if (muted) await visitor.button('Mute (M)').click();
  await visitor.page.getByLabel('Your name').fill(name);
  await visitor.button('Ask to join').or(visitor.button('Join now')).click();
  await visitor.sees(tile(visitor, name, true));
}

/** Start, pause, resume or stop: an item of the menu of whoever hosts. */
export async function record(
  host: Visitor,
  item: 'Start recording' | 'Pause recording' | 'Resume recording' | 'Stop recording',
): Promise<void> {
  await host.wake();
  await host.button('Record this meeting').click();
  await host.page.getByRole('menuitem', { name: item }).click();
}

export async function endForAll(host: Visitor): Promise<void> {
  await host.wake();
  await host.button('Leave or end').click();
  await host.page.getByRole('menuitem', { name: 'End for all' }).click();
  await host.page.getByRole('dialog').getByRole('button', { name: 'End for all' }).click();
  await host.sees('The meeting has ended');
}
