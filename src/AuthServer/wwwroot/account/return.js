import { AuthError } from '../authserver-client.js';

const AGAIN_MS = 10_000;
const KEY = 'authserver.returned';

/** The address that a login returns to. The server has checked it, or it would not have sent this page. Null if there is none. */
export const returnAddress = new URLSearchParams(location.search).get('return_to');

/** True if that is an application behind a proxy, which knows its users by the session cookie. */
export const isForApplication = document.documentElement.dataset.transport === 'session';

/** Leaves this page for the address. */
export function goBack() {
  location.replace(returnAddress);
}

/**
 * Leaves this page if the browser is logged in already. Returns false if it is not, or if it comes back at once. Then the
 * application does not get the cookie, and would send it here for ever.
 */
export async function goBackIfLoggedIn(server) {
  const before = JSON.parse(sessionStorage.getItem(KEY) ?? '{}');
  if (before.address === returnAddress && Date.now() - before.at < AGAIN_MS) {
    return false;
  }

  const response = await fetch(new URL('me', server));
  if (response.ok) {
    sessionStorage.setItem(KEY, JSON.stringify({ address: returnAddress, at: Date.now() }));
    goBack();
  }

  return response.ok;
}

/** Logs in by the session cookie, and leaves this page. */
export async function logInToApplication(server, { username, password }) {
  const response = await fetch(new URL('login?transport=session', server), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  if (!response.ok) {
    throw new AuthError(response.status, await response.json().catch(() => ({})));
  }

  goBack();
}
