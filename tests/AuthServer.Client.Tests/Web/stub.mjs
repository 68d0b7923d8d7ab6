// A server that answers as a test sets it, in place of the network.

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An access token as the client reads it. Its signature is not checked here. */
export function tokenOf(n, user = 'ada') {
  const claims = { sub: `id of ${user}`, preferred_username: user, name: user, roles: [], admin: false, n };
  return `${encode({ alg: 'HS256' })}.${encode(claims)}.signature`;
}

export function json(status, body, headers = {}) {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': type, ...headers } });
}

/** A pair of a session: s1 is of ada, and any other of eve unless a user is given. */
export const pair = (n, session = 's1', user = session === 's1' ? 'ada' : 'eve') => json(200, {
  tokenType: 'Bearer',
  accessToken: tokenOf(n, user),
  expiresIn: 20,
  refreshToken: `r${n}`,
  refreshExpiresIn: 1209600,
  sessionId: session,
});

export const problem = (status, code, more = {}, headers = {}) =>
  json(status, { code, detail: 'The explanation.', ...more }, headers);

/** A page in place of JSON, as proxies and captive portals answer. */
export const page = (status, headers = {}) =>
  new Response('<html>Welcome to our wireless network</html>', { status, headers: { 'Content-Type': 'text/html', ...headers } });

/** By default a login gets the pair 0, the n-th refresh the pair n, and any other request 200. */
export class Stub {
  calls = [];

  /** True if the browser has the cookie. Without it a refresh by cookie is refused. */
  cookie = false;

  onLogin = () => pair(0);
  onRefresh = (n) => pair(n);
  onLogout = () => new Response(null, { status: 204 });
  onCall = () => json(200, {});

  fetch = async (request) => {
    const { pathname, search } = new URL(request.url);
    const call = {
      path: pathname,
      method: request.method,
      authorization: request.headers.get('Authorization'),
      token: request.headers.get('Authorization')?.replace('Bearer ', ''),
      device: request.headers.get('X-Device-Token'),
      credentials: request.credentials,
      redirect: request.redirect,
      keepalive: request.keepalive,
      signal: request.signal,
      query: search,
      body: await request.clone().text(),
    };
    this.calls.push(call);
    request.signal.throwIfAborted();
    const byCookie = request.credentials === 'include';
    switch (pathname.replace('/auth', '')) {
      case '/login': return this.#kept(byCookie, await this.onLogin(call));
      case '/refresh': return byCookie && !this.cookie
        ? problem(401, 'refresh_token_missing')
        : this.#kept(byCookie, await this.onRefresh(this.refreshes.length, call));
      case '/logout': return this.#kept(byCookie, await this.onLogout(call));
      default: return this.onCall(call);
    }
  };

  /** Sets or removes the cookie, as an answer does in a browser. */
  #kept(byCookie, answer) {
    this.cookie = byCookie && answer.ok ? answer.status !== 204 : this.cookie;
    return answer;
  }

  of(path) { return this.calls.filter((call) => call.path === path); }
  get refreshes() { return this.of('/refresh'); }
  get presented() { return this.refreshes.map((call) => JSON.parse(call.body).refreshToken); }
}

/** A storage with the methods of browser storages. */
export function areaOf(kept = new Map()) {
  return {
    kept,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
  };
}

/** A promise that is settled from outside. */
export function later() {
  let settle;
  const promise = new Promise((resolve, reject) => { settle = { resolve, reject }; });
  return Object.assign(promise, settle);
}
