import { AuthError } from '../authserver-client.js';

const AGAIN_MS = 10_000;
const KEY = 'authserver.returned';

/** The address that a login returns to. The server has checked it, or it would not have sent this page. Null if there is none. */
export const returnAddress = new URLSearchParams(location.search).get('return_to');

/** True if that is an application behind a proxy, which knows its users by the session cookie. */
export const isForApplication = document.documentElement.dataset.transport === 'session';

/** Leaves this page for the address, after a login. Returns true. */
export function goBack() {
  location.replace(returnAddress);
  return true;
}

/**
 * Leaves this page for the address without a login, as the browser is logged in. Returns false if it was sent here again at
 * once. Then the address does not get the cookie, and the browser would go to and fro.
 */
export function goBackOnce() {
  const before = JSON.parse(sessionStorage.getItem(KEY) ?? '{}');
  if (before.address === returnAddress && Date.now() - before.at < AGAIN_MS) {
    return false;
  }

  sessionStorage.setItem(KEY, JSON.stringify({ address: returnAddress, at: Date.now() }));
  return goBack();
}

/** True if the browser has a session cookie of a live session. */
export async function isKnownToApplication(server) {
  const response = await fetch(new URL('me', server));
  if (!response.ok && response.status !== 401) {
    throw new AuthError(response.status, await response.json().catch(() => ({})));
  }

  return response.ok;
}

/**
 * Logs in by the session cookie.
 * @returns The step of a login that needs a second factor; else nothing.
 */
export function logInToApplication(server, { username, password }) {
  return post(new URL('login?transport=session', server), { username, password });
}

/** Completes a login by the session cookie. */
export async function completeForApplication(server, { challenge }, code) {
  await post(new URL('login/second-factor?transport=session', server), { challenge, code });
}

async function post(address, body) {
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.ok) {
    return undefined;
  }

  const problem = await response.json().catch(() => ({}));
  if (problem.code === 'second_factor_required') {
    return { secondFactor: 'required', challenge: problem.challenge };
  }

  throw new AuthError(response.status, problem);
}
