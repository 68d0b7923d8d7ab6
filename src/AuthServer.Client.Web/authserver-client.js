// @ts-check
// One file, so that a page loads it as it is: without a build, and without a second request.

/**
 * @typedef {object} AuthClientOptions
 * @property {string | URL} [server] Address of the auth server; in a page the page's own origin unless set.
 * @property {(string | URL)[]} [apis] Other origins whose requests get the access token. No other host ever sees it.
 * @property {StorageChoice} [storage] Where the refresh token lives: in a page `cookie` unless set, elsewhere `memory`. The access
 *   token is only ever in memory.
 * @property {number} [grace] Seconds in which a lost answer can be asked for again: the server's `Sessions:Grace`. 30 unless set.
 * @property {typeof globalThis.fetch} [fetch] What sends requests.
 *
 * @typedef {'cookie' | 'memory' | 'sessionStorage' | 'localStorage' | TokenStorage} StorageChoice
 *
 * @typedef {object} TokenStorage A storage of one's own, like those of browsers.
 * @property {(key: string) => string | null} getItem
 * @property {(key: string, value: string) => void} setItem
 * @property {(key: string) => void} removeItem
 *
 * @typedef {object} Session Who is logged in, as the newest access token says it.
 * @property {string} id The session's id.
 * @property {{ id: string, username: string, name: string, roles: string[], admin: boolean }} user
 * @property {string} accessToken For what is no `fetch`, such as a WebSocket.
 * @property {number} expiresIn Seconds that the access token lives, counted from its `iat`.
 * @property {number} expiresAt When it expires at the latest, in milliseconds of `performance.now()`.
 * @property {Record<string, unknown>} header The header of the access token.
 * @property {Record<string, unknown>} claims Its claims.
 *
 * @typedef {object} Change
 * @property {'login' | 'refresh' | 'end'} type A session is there, has a new access token, or has ended.
 * @property {string | undefined} [code] With `end`: the code of the error that said so; absent where this device logged out.
 * @property {string | undefined} [reason] With `end` and the code `session_ended`: `logout`, `logout_all`, `revoked`, `displaced`,
 *   `password_changed`, `disabled`, `reused` or `expired`.
 *
 * @typedef {object} Device A session in the list of the user's sessions; times are RFC 3339.
 * @property {string} id
 * @property {string | null} deviceName
 * @property {string | null} userAgent
 * @property {string | null} ipAddress
 * @property {string} createdAt
 * @property {string} lastUsedAt
 * @property {string} expiresAt
 * @property {boolean} current Whether it is this one.
 * @property {string} [endedAt]
 * @property {string} [endReason]
 *
 * @typedef {object} Kept What outlives a page: with a cookie only that there is one.
 * @property {string} id
 * @property {string} [refreshToken]
 * @property {boolean} [leaving] A logout that the server was not told of yet.
 *
 * @typedef {object} Held What a page has in memory.
 * @property {string} id
 * @property {string} accessToken
 * @property {number} expiresIn
 * @property {number} expiresAt
 *
 * @typedef {{ tokenType: string, accessToken: string, expiresIn: number, refreshToken?: string, refreshExpiresIn: number,
 *   sessionId: string }} TokenPair
 * @typedef {{ type: 'tokens', held: Held, kept: Kept | null }
 *   | { type: 'end', id: string, change: Change } | { type: 'ask', id: string }} Message What tabs tell one another.
 */

/** The answers after which a session is over; nothing else logs anybody out. */
const DEFINITIVE = new Set([
  'refresh_token_missing', 'refresh_token_invalid', 'refresh_token_expired', 'refresh_token_reused', 'session_ended',
]);

/** Paths below the server that make tokens, and take none. */
const DOORS = ['login', 'refresh', 'register'];

/** Milliseconds that a first attempt, or the wait for another tab's, may take. */
const PATIENCE = 5000;

/** Milliseconds that the last attempt may take. */
const LAST_PATIENCE = 60_000;

/** Milliseconds that an answer may put this module to rest, for it may be anybody's. */
const LONGEST_REST = 60_000;

/** An error that the server answered. Branch on `code`. Source: RFC 9457. */
export class AuthError extends Error {
  /**
   * @param {number} status
   * @param {{ code?: string, detail?: string, reason?: string, errors?: Record<string, string[]>, traceId?: string }} problem
   * @param {number} [retryAfter]
   */
  constructor(status, problem, retryAfter) {
    super(problem.detail ?? `The server answered ${status}.`);
    this.name = 'AuthError';
    /** The HTTP status. */
    this.status = status;
    /** A code of the contract; `unexpected_answer` where something other than the server answered, such as a proxy. */
    this.code = problem.code ?? 'unexpected_answer';
    /** Why the session ended, with `session_ended`. */
    this.reason = problem.reason;
    /** Messages by field, with `invalid_request`. */
    this.errors = problem.errors;
    /** What finds the request in the server's log. */
    this.traceId = problem.traceId;
    /** Seconds to wait, with 429 and 503. */
    this.retryAfter = retryAfter;
  }
}

/**
 * A client for one user of an AuthServer: logs in, keeps the access token fresh and repeats what came too late.
 * @param {AuthClientOptions} [options]
 */
export function createAuthClient(options) {
  return new AuthClient(options);
}

export class AuthClient {
  #server; #origins; #doors; #cookie; #perTab; #grace; #send; #store; #turns;
  /** @type {Held | null} */ #held = null;
  /** @type {string | undefined} The session that ended last: what is still under way for it comes too late. */ #over;
  /** @type {Promise<Held | null> | null} */ #flight = null;
  /** @type {AbortController | null} The request of the flight. */ #attempt = null;
  /** @type {Promise<void> | null} */ #departure = null;
  /** @type {Set<(session: Session | null, change: Change) => void>} */ #listeners = new Set();
  /** @type {BroadcastChannel | null} */ #channel = null;
  /** @type {(() => void) | null} */ #answered = null;

  /** @param {AuthClientOptions} [options] */
  constructor({ server, apis = [], storage, grace = 30, fetch = globalThis.fetch.bind(globalThis) } = {}) {
    const page = globalThis.location?.href;
    const address = new URL(`${server ?? (page ? '/' : fail('Set server: outside of a page there is no default.'))}`.replace(/\/?$/, '/'), page);
    const choice = storage ?? (page ? 'cookie' : 'memory');
    this.#cookie = choice === 'cookie';
    // With any other, what one tab has is not what another has, unless it was made as its duplicate.
    this.#perTab = !this.#cookie && choice !== 'localStorage';
    this.#grace = grace * 1000;
    this.#send = fetch;
    this.#server = new Server(address, fetch, this.#cookie);
    this.#origins = new Set([address, ...apis].map((api) => new URL(api).origin));
    this.#doors = new Set(DOORS.map((door) => new URL(door, address).href));
    const name = `authserver:${typeof choice === 'string' ? choice : 'custom'}:${address.href}`;
    this.#store = new Store(choice, name);
    const hasNeighbours = page && choice !== 'memory';
    this.#turns = new Turns(name, hasNeighbours ? globalThis.navigator?.locks : undefined);
    if (hasNeighbours && globalThis.BroadcastChannel) {
      this.#channel = new BroadcastChannel(name);
      this.#channel.onmessage = (event) => this.#hear(event.data);
    }
  }

  /**
   * Who is logged in, with an access token that is still good; null if nobody is. Asks the server where this page does not know yet.
   * @returns {Promise<Session | null>}
   */
  async session() {
    const held = await this.#fresh();
    return held && view(held);
  }

  /**
   * Calls a listener at each login, refresh and end of the session, in whichever tab it came about.
   * @param {(session: Session | null, change: Change) => void} listener
   * @returns {() => void} Stops that.
   */
  onChange(listener) {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  /**
   * Opens a session, in the place of the one there was; that one lives on at the server, so log out first.
   * @param {{ username: string, password: string, deviceName?: string }} credentials
   * @returns {Promise<Session>}
   * @throws {AuthError} `invalid_credentials`, `too_many_sessions`, `too_many_requests` and others of the contract.
   */
  async login(credentials) {
    await this.#settle();
    if (this.#cookie) {
      // Its answer would bring the cookie of the former session.
      this.#attempt?.abort();
    }

    return this.#inOrder(async () => {
      const sent = performance.now();
      return view(this.#adopt(await this.#server.post('login', credentials), sent, 'login'));
    });
  }

  /**
   * Ends the session. This device forgets it first, whatever happens; rejects where the server can't be told.
   * @param {{ everywhere?: boolean }} [options] `everywhere` ends the user's sessions on all devices.
   */
  async logout({ everywhere = false } = {}) {
    const kept = this.#store.read() ?? this.#held;
    if (everywhere) {
      await this.#call('POST', 'logout/all');
    }

    // Whoever has logged in meanwhile was not meant.
    if (!kept || (this.#store.read() ?? kept).id !== kept.id) {
      return;
    }

    this.#end({ type: 'end' }, kept.id);
    if (this.#cookie) {
      await this.#leave({ id: kept.id });
    } else if (!everywhere) {
      await this.#leave(kept);
    }
  }

  /**
   * Opens an account; log in next.
   * @param {{ username: string, password: string, email?: string, displayName?: string }} account
   * @returns {Promise<{ id: string, username: string }>}
   */
  register(account) {
    return this.#server.post('register', account);
  }

  /**
   * The user's devices, newest use first; with `ended` those too that ended in the last 30 days.
   * @param {{ ended?: boolean }} [options]
   * @returns {Promise<Device[]>}
   */
  async sessions({ ended = false } = {}) {
    return (await this.#call('GET', `sessions?ended=${ended}`)).sessions;
  }

  /**
   * Signs one of the user's devices out.
   * @param {string} id
   */
  async endSession(id) {
    await this.#call('DELETE', `sessions/${encodeURIComponent(id)}`);
  }

  /**
   * Changes the password, which signs out all other devices.
   * @param {{ currentPassword: string, newPassword: string }} passwords
   */
  async changePassword(passwords) {
    await this.#call('POST', 'password', passwords);
  }

  /** Stops listening to other tabs. */
  close() {
    this.#channel?.close();
    this.#channel = null;
  }

  /**
   * `fetch` with the access token: refreshed before it expires, and if the server finds it expired all the same, refreshed and sent
   * once more. Requests to origins that are neither the server's nor in `apis` go out as they are.
   * @param {Parameters<typeof globalThis.fetch>[0]} input
   * @param {Parameters<typeof globalThis.fetch>[1]} [init]
   * @returns {Promise<Response>}
   */
  async fetch(input, init) {
    const base = globalThis.document?.baseURI ?? globalThis.location?.href ?? this.#server.address;
    const request = new Request(typeof input === 'string' ? new URL(input, base) : input, init);
    if (!this.#getsToken(new URL(request.url)) || request.headers.has('Authorization')) {
      return this.#send(request);
    }

    // What was asked for by one user is never sent as another, who has logged in meanwhile.
    const kept = this.#store.read();
    const asked = this.#held?.id ?? (kept?.leaving ? undefined : kept?.id);
    request.signal.throwIfAborted();
    const held = await unlessAborted(this.#fresh(), request.signal);
    if (!held || asked !== held.id) {
      return this.#send(request);
    }

    // A stream can be read once; everything else is kept for the second time.
    const again = init?.body instanceof ReadableStream ? null : request.clone();
    const response = await this.#send(authorized(request, held));
    // Where the request was sent on to somebody else, it is somebody else who answers.
    const { code, reason } = response.status === 401 && !response.redirected ? await problemOf(response) : {};
    if (code === 'session_ended') {
      this.#endedAtServer(held.id, { type: 'end', code, reason });
    }

    if (code !== 'access_token_expired') {
      return response;
    }

    const next = await unlessAborted(this.#fresh(held.accessToken), request.signal);
    return next?.id === held.id && again ? this.#send(authorized(again, next)) : response;
  }

  /** @param {URL} address */
  #getsToken({ origin, pathname }) {
    return this.#origins.has(origin) && !this.#doors.has(origin + pathname);
  }

  /**
   * A token that lives long enough for a request; null where nobody is logged in. However many ask, one refresh is made.
   * @param {string} [stale] An access token that was refused.
   */
  async #fresh(stale) {
    if (this.#isGood(this.#held, stale)) {
      return this.#held;
    }

    this.#flight ??= this.#refresh(stale).finally(() => { this.#flight = null; });
    return this.#flight;
  }

  /**
   * @param {Held | null} held
   * @param {string} [stale]
   */
  #isGood(held, stale) {
    // A second since `iat` is rounded down, and one for the way there, or less where a token lives for a few seconds only.
    return held && held.accessToken !== stale && performance.now() < held.expiresAt - 1000 - Math.min(1000, held.expiresIn * 50);
  }

  /** @param {string} [stale] */
  async #refresh(stale) {
    await this.#settle();
    const kept = this.#store.read();
    if (kept && this.#channel && this.#perTab && !(this.#held && globalThis.navigator?.locks)) {
      await this.#askOtherTabs(kept.id);
    }

    if (kept && !kept.leaving && this.#server.rest) {
      throw this.#server.rest;
    }

    return this.#server.insist(this.#grace * 0.8, (limit) => this.#turns.take(() => this.#refreshOnce(stale, limit)));
  }

  /**
   * One attempt, in the knowledge of what other tabs did meanwhile.
   * @param {string | undefined} stale
   * @param {number} limit
   * @returns {Promise<Held | null>}
   */
  async #refreshOnce(stale, limit) {
    const kept = this.#store.read();
    if (!kept || kept.leaving) {
      this.#forget({ type: 'end' });
      return null;
    }

    if (this.#held?.id === kept.id && this.#isGood(this.#held, stale)) {
      return this.#held;
    }

    try {
      const sent = performance.now();
      this.#attempt = new AbortController();
      const pair = await this.#server.post('refresh', this.#cookie ? undefined : { refreshToken: kept.refreshToken }, limited(this.#attempt, limit));
      return this.#store.holds(kept) ? this.#adopt(pair, sent, 'refresh') : await this.#refreshOnce(stale, limit);
    } catch (error) {
      if (!(error instanceof AuthError && error.status === 401 && DEFINITIVE.has(error.code))) {
        throw error;
      }

      // It was said of what is no longer held: another tab has logged in, or has refreshed.
      if (!this.#store.holds(kept)) {
        return await this.#refreshOnce(stale, limit);
      }

      this.#end({ type: 'end', code: error.code, reason: error.reason }, kept.id);
      return null;
    }
  }

  /**
   * Goes on with a pair, here and in the other tabs.
   * @param {TokenPair} pair
   * @param {number} sent When it was asked for.
   * @param {'login' | 'refresh'} type
   */
  #adopt(pair, sent, type) {
    if (!pair?.accessToken) {
      throw new AuthError(200, {});
    }

    const { sessionId: id, accessToken, expiresIn, refreshToken } = pair;
    const isNew = type === 'login' || this.#held?.id !== id;
    this.#held = { id, accessToken, expiresIn, expiresAt: sent + expiresIn * 1000 };
    this.#server.rest = null;
    this.#store.write({ id, ...(refreshToken && { refreshToken }) });
    this.#share(this.#held);
    this.#emit({ type: isNew ? 'login' : 'refresh' });
    return this.#held;
  }

  /**
   * Ends a session, here and in the other tabs.
   * @param {Change} change
   * @param {string} id
   */
  #end(change, id) {
    this.#over = id;
    this.#store.write(null);
    this.#channel?.postMessage({ type: 'end', id, change });
    this.#held = null;
    this.#emit(change);
  }

  /**
   * Takes note that a session has ended elsewhere, if this page has one.
   * @param {Change} change
   */
  #forget(change) {
    if (this.#held) {
      this.#held = null;
      this.#emit(change);
    }
  }

  /**
   * A private route said that a session has ended; about a former session that is no news.
   * @param {string} id
   * @param {Change} change
   */
  #endedAtServer(id, change) {
    if (this.#store.read()?.id === id) {
      this.#end(change, id);
    } else if (this.#held?.id === id) {
      this.#forget(change);
    }
  }

  /**
   * Tells the server of a logout. With a cookie a mark stays until it knows, for the server alone can take the cookie away.
   * @param {Kept} kept
   */
  #leave(kept) {
    const mark = { ...kept, leaving: true };
    this.#store.write(this.#cookie ? mark : null);
    const departure = this.#server.insist(PATIENCE, () => this.#inOrder(() => this.#tellLogout(mark)))
      .finally(() => { this.#departure = this.#departure === departure ? null : this.#departure; });
    this.#departure = departure;
    return departure;
  }

  /** @param {Kept} mark */
  async #tellLogout(mark) {
    const limit = AbortSignal.timeout(PATIENCE);
    if (!this.#cookie) {
      return this.#server.post('logout', { refreshToken: mark.refreshToken }, limit);
    }

    // Without the mark the cookie is that of a newer session.
    if (this.#store.holds(mark)) {
      await this.#server.post('logout', undefined, limit).catch(unlessCookieIsGone);
    }

    if (this.#store.holds(mark)) {
      this.#store.write(null);
    }
  }

  /** Tells the server of a logout that it was not told of yet, if there is one. */
  async #settle() {
    const kept = this.#store.read();
    try {
      await (this.#departure ?? (kept?.leaving && !this.#server.rest && this.#leave(kept)));
    } catch {
      // The server is still away, and the mark still there for the next time.
    }
  }

  /**
   * Sends what sets or takes the cookie one after the other, for the last answer to arrive decides which cookie stays.
   * @template T
   * @param {() => Promise<T>} work
   */
  #inOrder(work) {
    return this.#cookie ? this.#turns.take(work) : work();
  }

  /**
   * A request to a private route.
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<any>}
   */
  #call(method, path, body) {
    return resultOf(this.fetch(new URL(path, this.#server.address), { ...requestOf(method, body), credentials: 'omit' }));
  }

  /** @param {Change} change */
  #emit(change) {
    const session = this.#held && view(this.#held);
    for (const listener of this.#listeners) {
      // What a listener throws is its own affair.
      queueMicrotask(() => listener(session, change));
    }
  }

  /**
   * Lets the other tabs use an access token. Clocks of pages begin at different moments, so its end is told by the time of day.
   * @param {Held} held
   */
  #share(held) {
    const kept = this.#perTab ? this.#store.read() : null;
    this.#channel?.postMessage({ type: 'tokens', held: { ...held, expiresAt: performance.timeOrigin + held.expiresAt }, kept });
  }

  /**
   * What another tab has to say.
   * @param {Message} message
   */
  #hear(message) {
    switch (message.type) {
      case 'tokens':
        return this.#hearTokens(message);
      case 'ask':
        return this.#held?.id === message.id && this.#share(this.#held);
      case 'end':
        this.#over = message.id;
        if (this.#perTab && this.#store.read()?.id === message.id) {
          this.#store.write(null);
        }

        return this.#held?.id === message.id && this.#forget(message.change);
    }
  }

  /** @param {Extract<Message, { type: 'tokens' }>} message */
  #hearTokens({ held, kept }) {
    // It may be late, or of a tab that is a duplicate of another. What is stored may be late too, but only by not being there yet.
    const known = this.#store.read()?.id;
    if (held.id === this.#over || (known ? known !== held.id : this.#perTab)) {
      return;
    }

    const isNew = this.#held?.id !== held.id;
    if (isNew && this.#cookie) {
      // What is under way for the former session would bring its cookie back.
      this.#attempt?.abort();
    }

    this.#held = { ...held, expiresAt: held.expiresAt - performance.timeOrigin };
    if (kept) {
      this.#store.write(kept);
    }

    this.#answered?.();
    this.#emit({ type: isNew ? 'login' : 'refresh' });
  }

  /**
   * A duplicated tab starts with a copy of the session storage, which may be old by now: the tab it was made from knows better.
   * @param {string} id
   */
  async #askOtherTabs(id) {
    await Promise.race([delay(100), new Promise((resolve) => {
      this.#answered = () => resolve(undefined);
      this.#channel?.postMessage({ type: 'ask', id });
    })]);
    this.#answered = null;
  }
}

/** The server: how it is asked without an access token, and how often. */
class Server {
  #send; #cookie;
  /** @type {{ until: number, error: AuthError } | null} */ #rest = null;

  /**
   * @param {URL} address
   * @param {typeof globalThis.fetch} send
   * @param {boolean} cookie Whether the refresh token comes and goes by cookie.
   */
  constructor(address, send, cookie) {
    this.address = address;
    this.#send = send;
    this.#cookie = cookie;
  }

  /** The answer by which the server asked to be left alone, until that time is over. */
  get rest() {
    return this.#rest && performance.now() < this.#rest.until ? this.#rest.error : null;
  }

  /** @param {AuthError | null} error */
  set rest(error) {
    this.#rest = error && { until: performance.now() + Math.min((error.retryAfter ?? 0) * 1000, LONGEST_REST), error };
  }

  /**
   * One of the four requests that make tokens or do without.
   * @param {string} path
   * @param {object} [body]
   * @param {AbortSignal | null} [signal]
   * @returns {Promise<any>}
   */
  post(path, body, signal = null) {
    const carries = this.#cookie && path !== 'register';
    const query = this.#cookie && (path === 'login' || path === 'refresh') ? '?transport=cookie' : '';
    return resultOf(this.#send(new Request(new URL(path + query, this.address), {
      ...requestOf('POST', body),
      credentials: carries ? 'include' : 'omit',
      // A logout shall arrive although its page is being left.
      keepalive: path === 'logout',
      signal,
    })));
  }

  /**
   * Asks again where no answer came or the server could not give one: at once, then ever less often. What counts is when a request is
   * sent; the last one is given all the time that a slow network needs.
   * @template T
   * @param {number} budget Milliseconds in which attempts begin.
   * @param {(limit: number) => Promise<T>} attempt Is given the milliseconds that it may take.
   */
  async insist(budget, attempt) {
    const start = performance.now();
    for (let failures = 0; ; failures++) {
      const limit = PATIENCE * 2 ** failures;
      try {
        return await attempt(performance.now() - start + limit < budget ? limit : LAST_PATIENCE);
      } catch (error) {
        const answer = error instanceof AuthError ? error : null;
        if (answer && answer.status < 500 && answer.status !== 429) {
          throw error;
        }

        const pause = failures === 0 && !answer ? 0 : Math.min(PATIENCE, 250 * 2 ** failures) * (0.5 + Math.random() / 2);
        const wait = Math.max(pause, (answer?.retryAfter ?? 0) * 1000);
        if (performance.now() - start + wait >= budget) {
          this.rest = answer?.retryAfter && (answer.status === 429 || answer.status === 503) ? answer : this.rest;
          throw error;
        }

        await delay(wait);
      }
    }
  }
}

/** One thing at a time: over all tabs by a Web Lock, or within this page where there are none. */
class Turns {
  #name; #locks;
  /** @type {Promise<unknown>} */ #last = Promise.resolve();

  /**
   * @param {string} name
   * @param {LockManager} [locks]
   */
  constructor(name, locks) {
    this.#name = name;
    this.#locks = locks;
  }

  /**
   * Waits for its turn, but not for a tab that sleeps with it. A refresh saves a request by it, and is right without.
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async take(work) {
    const waiting = new AbortController();
    const timer = setTimeout(() => waiting.abort(), PATIENCE);
    let entered = false;
    const enter = () => {
      entered = true;
      clearTimeout(timer);
      return work();
    };
    try {
      return await (this.#locks
        ? this.#locks.request(this.#name, { signal: waiting.signal }, enter)
        : this.#takeHere(waiting.signal, enter));
    } catch (error) {
      clearTimeout(timer);
      if (entered) {
        throw error;
      }

      return work();
    }
  }

  /**
   * @template T
   * @param {AbortSignal} signal
   * @param {() => Promise<T>} work
   */
  async #takeHere(signal, work) {
    const before = this.#last;
    /** @type {() => void} */ let leave = () => {};
    const left = new Promise((resolve) => { leave = () => resolve(undefined); });
    this.#last = before.then(() => left);
    try {
      await unlessAborted(before, signal);
      return await work();
    } finally {
      leave();
    }
  }
}

/** What outlives a page, in a storage that may be blocked, full or edited by hand: then memory has to do. */
class Store {
  #area; #key;
  /** @type {string | null} */ #copy = null;

  /**
   * @param {StorageChoice} choice
   * @param {string} key
   */
  constructor(choice, key) {
    this.#key = key;
    try {
      this.#area = typeof choice === 'object' ? choice
        : choice === 'memory' ? null
          : choice === 'sessionStorage' ? globalThis.sessionStorage : globalThis.localStorage;
      this.#area?.getItem(key);
    } catch {
      this.#area = null;
    }
  }

  /** @returns {Kept | null} */
  read() {
    try {
      const kept = JSON.parse((this.#area ? this.#area.getItem(this.#key) : this.#copy) ?? 'null');
      return typeof kept?.id === 'string' ? kept : null;
    } catch {
      return null;
    }
  }

  /** @param {Kept | null} kept */
  write(kept) {
    const text = kept && JSON.stringify(kept);
    try {
      text ? this.#area?.setItem(this.#key, text) : this.#area?.removeItem(this.#key);
    } catch {
      this.#area = null;
    }

    this.#copy = text;
  }

  /**
   * Whether nothing was written since something was read.
   * @param {Kept} kept
   */
  holds(kept) {
    return JSON.stringify(this.read()) === JSON.stringify(kept);
  }
}

/**
 * @param {string} method
 * @param {object} [body]
 * @returns {RequestInit}
 */
function requestOf(method, body) {
  // What is sent here is meant for the server, and for nobody it would send us on to.
  const request = /** @type {RequestInit} */ ({ method, redirect: 'error' });
  return body ? { ...request, body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } } : request;
}

/**
 * @param {Request} request
 * @param {Held} held
 */
function authorized(request, held) {
  request.headers.set('Authorization', `Bearer ${held.accessToken}`);
  return request;
}

/**
 * The JSON of an answer; nothing for an empty one.
 * @param {Promise<Response>} sent
 */
async function resultOf(sent) {
  const response = await sent;
  if (response.status === 204) {
    return undefined;
  }

  if (!response.ok) {
    const retryAfter = Number(response.headers.get('Retry-After') ?? NaN);
    throw new AuthError(response.status, await problemOf(response), Number.isNaN(retryAfter) ? undefined : retryAfter);
  }

  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new AuthError(response.status, {});
  }
}

/**
 * What is wrong, by the body of an answer, or by the challenge of a back end that has no body of ours. The caller can still read it.
 * @param {Response} response
 * @returns {Promise<{ code?: string, detail?: string, reason?: string }>}
 */
async function problemOf(response) {
  if (response.headers.get('Content-Type')?.startsWith('application/problem+json')) {
    const problem = await response.clone().json().catch(() => null);
    if (problem?.code) {
      return problem;
    }
  }

  const challenge = response.headers.get('WWW-Authenticate') ?? '';
  return /error="invalid_token".*expired/.test(challenge) ? { code: 'access_token_expired' } : {};
}

/**
 * A logout by a cookie that the browser no longer has is done.
 * @param {unknown} error
 */
function unlessCookieIsGone(error) {
  if (!(error instanceof AuthError && error.code === 'access_token_missing')) {
    throw error;
  }
}

/**
 * @param {Held} held
 * @returns {Session}
 */
function view({ id, accessToken, expiresIn, expiresAt }) {
  const [header, claims] = accessToken.split('.').slice(0, 2).map(decode);
  const { sub, preferred_username: username, name, roles, admin } = claims;
  return { id, user: { id: sub, username, name, roles, admin }, accessToken, expiresIn, expiresAt, header, claims };
}

/** @param {string} part */
function decode(part) {
  const bytes = Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

/**
 * @template T
 * @param {Promise<T>} work Goes on for others who wait for it.
 * @param {AbortSignal} signal
 * @returns {Promise<T>}
 */
async function unlessAborted(work, signal) {
  /** @type {() => void} */ let stop = () => {};
  try {
    return await Promise.race([work, new Promise((_, reject) => {
      stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
    })]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/**
 * Aborts after some time, too.
 * @param {AbortController} controller
 * @param {number} milliseconds
 */
function limited(controller, milliseconds) {
  const limit = AbortSignal.timeout(milliseconds);
  limit.addEventListener('abort', () => controller.abort(limit.reason), { once: true });
  return controller.signal;
}

/** @param {number} milliseconds */
function delay(milliseconds) {
  return new Promise((resolve) => { setTimeout(resolve, milliseconds); });
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  throw new TypeError(message);
}
