// Setup of each test outside of a page: a stub of the server, a clock, and clients whose changes are recorded.

import { afterEach, beforeEach } from 'node:test';
import { createAuthClient } from '../../../src/AuthServer.Client.Web/authserver-client.js';
import { FakeClock } from './fake-clock.mjs';
import { problem, Stub } from './stub.mjs';

export const server = 'https://auth.example.com';
export const me = `${server}/me`;
export const challenge = 'Bearer error="invalid_token", error_description="The token expired at \'11/22/2026\'"';
export const expired = () => problem(401, 'access_token_expired');
export const lost = () => { throw new TypeError('fetch failed'); };
export const noContent = () => new Response(null, { status: 204 });
export let stub, time, changes;

beforeEach(() => {
  stub = new Stub();
  time = new FakeClock();
  changes = [];
});

afterEach(() => time.remove());

export function create(options = {}) {
  const client = createAuthClient({ server, fetch: stub.fetch, ...options });
  client.onChange((session, change) => changes.push({ ...change, id: session?.id }));
  return client;
}

export async function loggedIn(options) {
  const client = create(options);
  await client.login({ username: 'ada', password: 'secret' });
  return client;
}

/** The ends of a session that a listener was called with. */
export const ends = () => changes.filter((change) => change.type === 'end');
