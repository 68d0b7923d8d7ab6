import { AuthError, createAuthClient, supportsPasskeys } from '../authserver-client.js';
import { tabStorage } from './dom.js';

const AGAIN_MS = 10_000;
const KEY = 'authserver.returned';

/** The server. The page may be below a path of a proxy. */
export const server = new URL('..', import.meta.url);

/** The offers of the server, as it has written them into the page. */
export const settings = document.documentElement.dataset;

/** The address that a login returns to. The server has checked it, or it would not have sent this page. Null if there is none. */
export const returnAddress = new URLSearchParams(location.search).get('return_to');

/** True if that is an application behind a proxy, which knows its users by the session cookie. */
export const isForApplication = settings.transport === 'session';

/** The client of the page. An application knows its users by the session cookie. */
export const client = createAuthClient({
  server, fetch: (request) => loaded(fetch(request)), ...(isForApplication && { transport: 'session' }),
});

/** True if this browser has passkeys. */
export const hasPasskeys = supportsPasskeys();

/** Waits for a request or a module. Its `TypeError` is a failure of the network, and any other one a fault of this page. */
export async function loaded(request) {
  try {
    return await request;
  } catch (error) {
    throw error instanceof TypeError ? Object.assign(error, { code: 'network' }) : error;
  }
}

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
  const before = tabStorage.getJson(KEY);
  const isAgain = before.address === returnAddress && Date.now() - before.at < AGAIN_MS;
  // Without a storage the page would not know the second time.
  return !isAgain && tabStorage.set(KEY, JSON.stringify({ address: returnAddress, at: Date.now() })) && goBack();
}

/**
 * Sends a request of the user that the client has no function for.
 * @returns The JSON of the answer; null if it has none.
 */
export async function call(method, path) {
  const response = await client.fetch(new URL(path, server), { method });
  if (!response.ok) {
    throw new AuthError(response.status, await response.json().catch(() => ({})));
  }

  return response.status === 200 || response.status === 201 ? response.json() : null;
}
