// Setup of each test of tabs in one browser: a stub of the server, a clock, storages and locks. Each tab is a client of its own.

import { afterEach, beforeEach } from 'node:test';
import { createAuthClient } from '../../../src/AuthServer.Client.Web/authserver-client.js';
import { FakeChannel } from './channels.mjs';
import { FakeClock, settled } from './fake-clock.mjs';
import { areaOf, Stub, tokenOf } from './stub.mjs';

globalThis.BroadcastChannel = FakeChannel;

export const server = 'https://auth.example.com';
export const me = `${server}/me`;
export let stub, time, locks;
let tabs;

/** Web Locks as browsers have them: granted in the order of the requests, and held until the work is done. */
class Locks {
  #last = Promise.resolve();
  held = 0;

  async request(name, { signal }, work) {
    const before = this.#last;
    let leave;
    this.#last = Promise.all([before, new Promise((resolve) => { leave = resolve; })]);
    try {
      await Promise.race([before, new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))]);
      this.held++;
      return await work();
    } finally {
      leave();
    }
  }
}

beforeEach(() => {
  stub = new Stub();
  time = new FakeClock();
  tabs = [];
  locks = new Locks();
  globalThis.location = { href: `${server}/` };
  globalThis.localStorage = areaOf();
  globalThis.sessionStorage = areaOf();
  Object.defineProperty(globalThis, 'navigator', { value: { locks }, configurable: true, writable: true });
});

afterEach(() => {
  tabs.forEach((tab) => tab.close());
  time.remove();
  for (const name of ['location', 'localStorage', 'sessionStorage', 'navigator']) {
    delete globalThis[name];
  }
});

export function openTab(storage = 'cookie') {
  const client = createAuthClient({ server, storage, fetch: stub.fetch });
  const tab = Object.assign(client, { changes: [] });
  client.onChange((session, { type }) => tab.changes.push(`${type} ${session?.id ?? ''}`.trim()));
  tabs.push(tab);
  return tab;
}

/** Runs work with other globals, whose undefined ones are missing. */
export function withGlobals(globals, work) {
  const before = Object.keys(globals).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { get: typeof value === 'function' ? value : () => value, configurable: true });
  }

  try {
    return work();
  } finally {
    before.forEach(([name, descriptor]) => Object.defineProperty(globalThis, name, descriptor));
  }
}

/** A tab of a front end at another origin. It shares the cookie of the server, but neither storage, messages nor locks. */
export const openFrontEnd = (kept = areaOf()) =>
  withGlobals({ localStorage: kept, BroadcastChannel: undefined, navigator: {} }, () => openTab());

export const login = (tab, username = 'ada') => tab.login({ username, password: 'secret' });

/** Lets messages between tabs arrive, and everything happen that they cause. */
export const delivered = settled;

/** Sends the tokens of the session s1, as another tab does. */
export async function deliverTokens(storage, expiresAt = 9e15) {
  const channel = new BroadcastChannel(`authserver:${storage}:${server}/`);
  const held = { id: 's1', accessToken: tokenOf(9), expiresIn: 20, expiresAt };
  channel.postMessage({ type: 'tokens', held, kept: null });
  await delivered();
  channel.close();
}
