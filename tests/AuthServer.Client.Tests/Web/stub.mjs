// A server that answers as it is told, in the place of the network.

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An access token as the module reads it; nobody checks its signature here. */
export const tokenOf = (n, user = 'ada') =>
  `${encode({ alg: 'HS256' })}.${encode({ sub: 'id', preferred_username: user, name: user, roles: [], admin: false, n })}.signature`;

export const json = (status, body, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json', ...headers } });

export const pair = (n, session = 's1') =>
  json(200, { tokenType: 'Bearer', accessToken: tokenOf(n), expiresIn: 20, refreshToken: `r${n}`, refreshExpiresIn: 1209600, sessionId: session });

export const problem = (status, code, more = {}, headers = {}) => json(status, { code, detail: 'So it is.', ...more }, headers);

export const page = (status) => new Response('<html>Welcome to our wireless network</html>', { status, headers: { 'Content-Type': 'text/html' } });

/** Gives out the pair 0 at the login and n at the n-th refresh, and 200 for the rest, unless told otherwise. */
export class Stub {
  calls = [];
  onLogin = () => pair(0);
  onRefresh = (n) => pair(n);
  onLogout = () => new Response(null, { status: 204 });
  onCall = () => json(200, {});

  fetch = async (request) => {
    const { pathname } = new URL(request.url);
    const call = {
      path: pathname,
      method: request.method,
      authorization: request.headers.get('Authorization'),
      token: request.headers.get('Authorization')?.replace('Bearer ', ''),
      credentials: request.credentials,
      redirect: request.redirect,
      keepalive: request.keepalive,
      signal: request.signal,
      query: new URL(request.url).search,
      body: await request.clone().text(),
    };
    this.calls.push(call);
    request.signal.throwIfAborted();
    switch (pathname.replace('/auth', '')) {
      case '/login': return this.onLogin(call);
      case '/refresh': return this.onRefresh(this.refreshes.length, call);
      case '/logout': return this.onLogout(call);
      default: return this.onCall(call);
    }
  };

  of(path) { return this.calls.filter((call) => call.path === path); }
  get refreshes() { return this.of('/refresh'); }
  get presented() { return this.refreshes.map((call) => JSON.parse(call.body).refreshToken); }
}

/** Time for the module alone: `performance.now()` and timers that pass as soon as they are set. */
export class Time {
  now = 0;
  pauses = [];
  #performance = globalThis.performance;
  #setTimeout = globalThis.setTimeout;

  /** @param {number} stretch How many times later than asked for timers fire, as in a tab in the background. */
  constructor(stretch = 1) {
    globalThis.performance = { now: () => this.now };
    globalThis.setTimeout = (work, milliseconds) => this.#setTimeout.call(globalThis, () => {
      this.pauses.push(milliseconds);
      this.now += milliseconds * stretch;
      work();
    }, 0);
  }

  restore() {
    globalThis.performance = this.#performance;
    globalThis.setTimeout = this.#setTimeout;
  }
}

/** A promise that is settled from outside. */
export function later() {
  let settle;
  const promise = new Promise((resolve, reject) => { settle = { resolve, reject }; });
  return Object.assign(promise, settle);
}
