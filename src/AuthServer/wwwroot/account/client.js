import { AuthError, createAuthClient, supportsPasskeys } from '../authserver-client.js';

const AGAIN_MS = 10_000;
const KEY = 'authserver.returned';

/** The server. The page may be below a path of a proxy. */
export const server = new URL('..', import.meta.url);

/** The client of the page. */
export const client = createAuthClient({ server });

/** The offers of the server, as it has written them into the page. */
export const settings = document.documentElement.dataset;

/** The address that a login returns to. The server has checked it, or it would not have sent this page. Null if there is none. */
export const returnAddress = new URLSearchParams(location.search).get('return_to');

/** True if that is an application behind a proxy, which knows its users by the session cookie. */
export const isForApplication = settings.transport === 'session';

/** True if this browser has passkeys, and for an application their JSON forms. */
export const hasPasskeys = supportsPasskeys()
  && (!isForApplication || Boolean(PublicKeyCredential.parseRequestOptionsFromJSON));

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
export async function isKnownToApplication() {
  const response = await fetch(new URL('me', server));
  if (!response.ok && response.status !== 401) {
    throw await errorOf(response);
  }

  return response.ok;
}

/**
 * Sends a request of the user, by the session cookie or by the access token.
 * @returns The JSON of the answer; null if it has none.
 */
export async function call(method, path, body) {
  const options = body ? requestOf(method, body) : { method };
  const address = new URL(path, server);
  return readJson(await (isForApplication ? fetch(address, options) : client.fetch(address, options)));
}

/**
 * Logins. Each returns the step of a login that needs a second factor; else the session, or nothing if an application waits for
 * it.
 */
export const logins = {
  password: ({ username, password }) => isForApplication
    ? open('login', { username, password })
    : client.login({ username, password }),
  link: (token) => isForApplication ? open('login/link/confirm', { token }) : client.loginByLink({ token }),
  passkey: async ({ mediation, signal } = {}) => isForApplication
    ? open('login/passkey', await askForPasskey(await post('login/passkey/options'), { mediation, signal }))
    : client.loginByPasskey({ mediation, signal }),
  code: (step, code) => isForApplication
    ? open('login/second-factor', { challenge: step.challenge, code })
    : client.completeLogin(step, code),
  passkeyOf: async (step) => {
    if (!isForApplication) {
      return client.completeLoginByPasskey(step);
    }

    const { challenge } = step;
    return open('login/second-factor', {
      challenge, ...await askForPasskey(await post('login/passkey/options', { challenge })),
    });
  },
};

async function askForPasskey({ state, options }, rest) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = await navigator.credentials.get({ publicKey, ...rest });
  return { state, credential: credential.toJSON() };
}

async function open(path, body) {
  try {
    return await post(`${path}?transport=${isForApplication ? 'session' : 'cookie'}`, body) && undefined;
  } catch (error) {
    if (error.step) {
      return error.step;
    }

    throw error;
  }
}

async function post(path, body) {
  return readJson(await fetch(new URL(path, server), body ? requestOf('POST', body) : { method: 'POST' }));
}

function requestOf(method, body) {
  return { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

async function readJson(response) {
  if (!response.ok) {
    throw await errorOf(response);
  }

  return response.status === 200 || response.status === 201 ? response.json() : null;
}

async function errorOf(response) {
  const problem = await response.json().catch(() => ({}));
  const { code, challenge, methods } = problem;
  const secondFactor = code === 'second_factor_required' ? 'required' : 'setup';
  return Object.assign(new AuthError(response.status, problem), challenge && { step: { secondFactor, challenge, methods } });
}
