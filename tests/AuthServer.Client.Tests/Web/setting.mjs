// What the tests of a file start from: a stub of the server, time of its own, and clients that are watched.

import { afterEach, beforeEach } from 'node:test';
import { createAuthClient } from '../../../src/AuthServer.Client.Web/authserver-client.js';
import { problem, Stub, Time } from './stub.mjs';

export const server = 'https://auth.example.com';
export const me = `${server}/me`;
export const challenge = 'Bearer error="invalid_token", error_description="The token expired at \'11/22/2026\'"';
export const expired = () => problem(401, 'access_token_expired');
export let stub, time, changes;

beforeEach(() => {
  stub = new Stub();
  time = new Time();
  changes = [];
});

afterEach(() => time.restore());

/** Lets timers fire later than asked for, as in a tab in the background. */
export function stretchTime(times) {
  time.restore();
  time = new Time(times);
}

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

/** The ends of a session that a listener was told of. */
export const ends = () => changes.filter((change) => change.type === 'end');
