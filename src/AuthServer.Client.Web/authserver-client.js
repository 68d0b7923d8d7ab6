// @ts-check
// One file, so that a page loads it without a build and without a second request.

/**
 * @typedef {object} AuthClientOptions
 * @property {string | URL} [server] Address of the auth server. In a page the default is the page's own origin.
 * @property {(string | URL)[]} [apis] Other origins whose requests get the access token. No other host gets it.
 * @property {StorageChoice} [storage] Storage of the refresh token: by default `cookie` in a page and `memory` elsewhere. The
 *   access token is only ever in memory.
 * @property {'tokens' | 'session'} [transport] The kind of session that a login opens: by default `tokens`. With `session` it
 *   sets the session cookie of server-rendered applications. Requests to the server are sent with that cookie. No token gets
 *   here, so `storage` is left out.
 * @property {typeof globalThis.fetch} [fetch] Sends the requests.
 *
 * @typedef {'cookie' | 'memory' | 'sessionStorage' | 'localStorage' | TokenStorage} StorageChoice
 *
 * @typedef {object} TokenStorage A storage of the program, with the methods of browser storages. None may return a promise.
 * @property {(key: string) => string | null} getItem
 * @property {(key: string, value: string) => void} setItem
 * @property {(key: string) => void} removeItem
 *
 * @typedef {'invalid_request' | 'token_mismatch' | 'invalid_credentials' | 'access_token_missing' | 'access_token_expired'
 *   | 'access_token_invalid' | 'session_invalid' | 'session_ended' | 'refresh_token_missing' | 'refresh_token_invalid'
 *   | 'refresh_token_expired' | 'refresh_token_reused' | 'second_factor_required' | 'second_factor_invalid'
 *   | 'second_factor_setup_required' | 'link_invalid' | 'external_login_failed' | 'forbidden'
 *   | 'reauthentication_required' | 'email_unverified' | 'cross_site' | 'registration_closed' | 'not_found'
 *   | 'username_taken' | 'email_taken' | 'last_credential' | 'last_admin' | 'too_many_sessions' | 'method_not_allowed'
 *   | 'body_too_large' | 'unsupported_media_type' | 'too_many_requests' | 'internal_error' | 'unavailable'
 *   | 'access_denied' | 'server_error' | 'temporarily_unavailable' | 'identity_in_use' | 'unexpected_answer'
 *   | 'cookie_needs_https' | (string & {})} ErrorCode A code of an error. A newer server may have more. The last two are of
 *   this client. The four before them are of logins by a provider.
 *
 * @typedef {'logout' | 'logout_all' | 'revoked' | 'displaced' | 'replaced' | 'password_changed' | 'disabled' | 'deleted'
 *   | 'reused' | 'expired' | (string & {})} EndReason The reason of a session's end. A newer server may have more.
 *
 * @typedef {object} Session The session, by the claims of its newest access token.
 * @property {string} id The session's id.
 * @property {{ id: string, username: string, name: string, roles: string[], admin: boolean }} user
 * @property {string} accessToken The token, for clients other than `fetch`, such as a WebSocket; empty with the transport
 *   `session`.
 * @property {number} expiresIn Lifetime of the access token in seconds, counted from its `iat`.
 * @property {number} expiresAt The latest moment of its end, in milliseconds of `performance.now()`.
 * @property {Record<string, unknown>} header The header of the access token.
 * @property {Record<string, unknown>} claims Its claims; with the transport `session` those of the user alone.
 * @property {undefined} [secondFactor] Never there: the login is complete.
 *
 * @typedef {object} LoginStep A login that is right so far, and has opened no session.
 * @property {'required' | 'setup'} secondFactor `required`: ask for a code, and call `completeLogin()`; or call
 *   `completeLoginByPasskey()` if `methods` has `passkey`. `setup`: a role of the user needs a second factor, which is not set
 *   up. Call `beginTotp(step)` and `confirmTotp()`, then log in again.
 * @property {string} challenge
 * @property {number} expiresIn Seconds within which the login has to be completed.
 * @property {('totp' | 'passkey' | 'recovery_code' | (string & {}))[]} methods The factors that the account has.
 *
 * @typedef {Session | LoginStep} LoginResult
 *
 * @typedef {{ isFresh: true, secondFactor?: undefined } | ProofStep} ReauthenticationResult
 *
 * @typedef {object} ProofStep A proof that is right so far, and has changed nothing.
 * @property {false} isFresh
 * @property {'required'} secondFactor Ask for a code, and give the same proof again with it.
 * @property {('totp' | 'passkey' | 'recovery_code' | (string & {}))[]} methods The factors that the account has. With `passkey`,
 *   `reauthenticateByPasskey()` does without a password and a code.
 *
 * @typedef {object} ReauthenticationOptions The proofs that the user can give.
 * @property {('password' | 'passkey' | 'mail_code' | (string & {}))[]} methods Those to choose one from; empty if only a
 *   new login can prove it.
 * @property {('totp' | 'recovery_code' | (string & {}))[]} secondFactors Those that a password or a code of a mail needs one of
 *   too; empty if it needs none.
 *
 * @typedef {object} PasswordEstimate
 * @property {boolean} acceptable True if a registration with these names would accept the password.
 * @property {0 | 1 | 2 | 3 | 4} score 0 and 1 are easily guessed; 0 is also a password of a wrong length.
 * @property {string | null} detail The reason why it is not acceptable, in English.
 *
 * @typedef {object} SecondFactorList
 * @property {boolean} required True if logins need a second factor.
 * @property {boolean} totp True if there is an authenticator app.
 * @property {{ id: string, name: string, createdAt: string, lastUsedAt: string | null, synced: boolean }[]} passkeys
 * @property {number} recoveryCodesLeft
 *
 * @typedef {object} Change
 * @property {'login' | 'refresh' | 'end'} type A session was opened, has a new access token, or has ended.
 * @property {ErrorCode | undefined} [code] With `end`: the code of the server's error; absent after a logout on this device.
 * @property {EndReason | undefined} [reason] With `end`: of the code `session_ended`, or `deleted` after `deleteAccount()`.
 *
 * @typedef {object} Snapshot The session as this page knows it. It is the same object until something in it changes.
 * @property {'loading' | 'authenticated' | 'anonymous'} status With `loading` only the server knows: call `session()`.
 * @property {Session | null} session The session by its newest access token, which may have expired. Its `user` is the same
 *   object until something of the user changes.
 * @property {Change | undefined} [end] The end of the last session; absent if this page knew of none, and after a login.
 *
 * @typedef {object} Device A session in the list of the user's sessions; times are RFC 3339.
 * @property {string} id
 * @property {string | null} deviceName
 * @property {string | null} userAgent
 * @property {string | null} ipAddress
 * @property {string} createdAt
 * @property {string} lastUsedAt
 * @property {string} expiresAt
 * @property {boolean} current True for the session of this client.
 * @property {string[]} amr The methods of the login, such as `pwd` (RFC 8176).
 * @property {string} [endedAt]
 * @property {EndReason} [endReason]
 *
 * @typedef {{ id: string, username: string, displayName: string, roles: string[], admin: boolean, sessionId: string,
 *   issuedAt: string, expiresAt: string }} CurrentUser The user, as the server has it.
 *
 * @typedef {{ id: string, name: string, createdAt: string, synced: boolean, recoveryCodes: string[] }} Passkey `synced` is true
 *   if it has been copied to other devices. `recoveryCodes` come with the user's first factor, and are shown once.
 *
 * @typedef {'silent' | 'optional' | 'conditional' | 'required'} Mediation The way in which the browser asks for a passkey.
 *
 * @typedef {{ id: string, name: string }} Provider A provider that users can log in by, such as Google.
 *
 * @typedef {object} DevicePage A page of the list of the user's sessions.
 * @property {Device[]} sessions The live ones, newest use first, then the ended ones, latest end first.
 * @property {number} total Number of sessions on all pages.
 * @property {string} [next] The `after` of the next page; absent on the last one.
 *
 * @typedef {object} Kept The part of a session that outlives a page. With a cookie it has no token, and only marks that there
 *   was a session: the cookie decides.
 * @property {string} id
 * @property {string} [user] The user's id; absent if an older version of this module stored the session.
 * @property {string} [refreshToken]
 * @property {boolean} [leaving] True after a logout that the server has not confirmed.
 *
 * @typedef {object} Held The part of a session that is in memory.
 * @property {string} id
 * @property {string} accessToken
 * @property {number} expiresIn
 * @property {number} expiresAt In milliseconds of `performance.now()`.
 * @property {number} expiresOn The same moment in milliseconds of `Date.now()`.
 * @property {Record<string, unknown>} [claims] Those of the user, if the session has a cookie in place of an access token.
 *
 * @typedef {'cookie' | 'session' | null} CookieTransport The cookie that a login sets; null for none.
 *
 * @typedef {{ tokenType: string, accessToken: string, expiresIn: number, refreshToken?: string, refreshExpiresIn: number,
 *   sessionId: string }} TokenPair
 * @typedef {{ type: 'tokens', held: Held, kept: Kept | null }
 *   | { type: 'end', id: string, change: Change } | { type: 'ask', id: string }} Message A message between tabs.
 * @typedef {{ run: <T>(work: () => Promise<T>) => Promise<T> }} Lock
 * @typedef {{ held: Held | null, cooldown?: undefined } | { held?: undefined, cooldown: Cooldown }} Attempt Its outcome.
 */

/** Codes of a refused refresh that end the session. Nothing else logs out. */
const ENDING_CODES = new Set([
  'refresh_token_missing', 'refresh_token_invalid', 'refresh_token_expired', 'refresh_token_reused', 'session_ended',
]);

/** Codes of answers to a request with a session cookie that is none or no longer one. */
const LOST_CODES = new Set(['access_token_missing', 'session_invalid', 'session_ended']);

/** The header of device tokens, in requests and in answers. */
const DEVICE_HEADER = 'X-Device-Token';

/** Paths below the server that open a session. */
const LOGIN_PATHS = ['login', 'login/link/confirm', 'login/second-factor', 'login/passkey'];

/** Paths below the server that produce tokens, and take no access token. */
const TOKEN_PATHS = [
  ...LOGIN_PATHS, 'login/second-factor/totp', 'login/second-factor/totp/confirm', 'refresh', 'register',
];

/** The paths below the server by which the user proves again who they are. */
const PASSWORD_PATH = 'password';
const PROOF_PATH = 'reauthenticate';

/** Milliseconds that options for a passkey are offered, less than the 5 minutes for which the server takes the answer. */
const OFFER_TIME = 240_000;

/** No attempt of a refresh begins later than this for a call, in milliseconds. */
const CALL_BUDGET = 30_000;

/** No attempt of a logout begins later than this, in milliseconds. */
const LOGOUT_BUDGET = 10_000;

/** Milliseconds that an attempt may take at first, after one timeout, and after more. */
const FIRST_TIMEOUT = 5000;
const SECOND_TIMEOUT = 10_000;
const LAST_TIMEOUT = 60_000;

/** Milliseconds between a failure and the next attempt: the first wait, the longest, and the longest `Retry-After`. */
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15_000;
const LONGEST_RETRY_AFTER = 60_000;

/** Milliseconds that the time of day may be behind `performance.now()` before it counts as set back. */
const CLOCK_TOLERANCE = 1000;

/** Milliseconds that a tab waits for the lock. A tab that sleeps may hold it. */
const LOCK_TIMEOUT = 5000;

/** An error that the server answered, or a login that was not sent. Branch on `code`. Source: RFC 9457. */
export class AuthError extends Error {
  /**
   * @param {number} status
   * @param {{ code?: ErrorCode, detail?: string, reason?: EndReason, outcome?: string, errors?: Record<string, string[]>,
   *   traceId?: string, provider?: string, challenge?: string, expiresIn?: number, methods?: string[] }} problem
   * @param {number} [retryAfter]
   */
  constructor(status, problem, retryAfter) {
    super(problem.detail ?? `The server answered ${status}.`);
    this.name = 'AuthError';
    /** The HTTP status; 0 if this is not the answer to a request. */
    this.status = status;
    /**
     * A code of the contract. `unexpected_answer` if the answer is not the server's, but a proxy's for example.
     * `cookie_needs_https` if a login by cookie would not last, because the server's address is neither HTTPS nor loopback.
     * @type {ErrorCode}
     */
    this.code = problem.code ?? 'unexpected_answer';
    /** The reason of the session's end, with `session_ended`. */
    this.reason = problem.reason;
    /** With `unavailable`: `unknown` if the request may have taken effect and only its answer was lost. */
    this.outcome = problem.outcome;
    /** Messages by field, with `invalid_request`. */
    this.errors = problem.errors;
    /** Identifies the request in the server's log. */
    this.traceId = problem.traceId;
    /** The second factors of the account, with `second_factor_required`. */
    this.methods = problem.methods;
    /** The id of the provider, with a failed login by one. */
    this.provider = problem.provider;
    /** Seconds from the answer until the request may be sent again, if the answer has `Retry-After`. */
    this.retryAfter = retryAfter;
  }
}

/** A login that is right so far. `login()` returns its step instead of this error. */
class StepError extends AuthError {
  /** @type {LoginStep} */ step;

  /**
   * @param {number} status
   * @param {any} problem
   * @param {number} [retryAfter]
   */
  constructor(status, problem, retryAfter) {
    super(status, problem, retryAfter);
    const { code, challenge, expiresIn, methods } = problem;
    this.step = { secondFactor: code === 'second_factor_required' ? 'required' : 'setup', challenge, expiresIn, methods };
  }
}

/**
 * Creates a client for one user of an AuthServer: it logs in, keeps the access token fresh, and repeats refused requests.
 * @param {AuthClientOptions} [options]
 */
export function createAuthClient(options) {
  return new AuthClient(options);
}

/** The requests of one user. */
export class AuthClient {
  #server; #origins; #tokenAddresses; #usesCookie; #isByCookie; #losesCookie; #send; #store; #tabs; #session; #lock; #cookieLock;
  #logout; #refresher;

  /** @param {AuthClientOptions} [options] */
  constructor({ server, apis = [], storage, transport = 'tokens', fetch = globalThis.fetch.bind(globalThis) } = {}) {
    const page = globalThis.location?.href;
    const address = addressOf(server, page);
    this.#isByCookie = isSession(transport, storage);
    const choice = storage ?? (page && !this.#isByCookie ? 'cookie' : 'memory');
    throwUnlessStorage(choice);
    const name = `authserver:${typeof choice === 'string' ? choice : 'custom'}:${address.href}`;
    const hasTabs = page !== undefined && choice !== 'memory';
    const lock = new TabLock(name, hasTabs ? globalThis.navigator?.locks : undefined);
    this.#lock = lock;
    this.#usesCookie = choice === 'cookie';
    const cookie = this.#isByCookie ? 'session' : this.#usesCookie ? 'cookie' : null;
    this.#losesCookie = cookie !== null && address.protocol === 'http:' && !isLoopback(address.hostname);
    // The last answer to arrive decides which cookie stays, so requests that set or remove it are sent one after the other.
    this.#cookieLock = this.#usesCookie ? lock : NO_LOCK;
    this.#send = fetch;
    this.#origins = new Set([address, ...apis].map((api) => new URL(api).origin));
    this.#tokenAddresses = new Set(TOKEN_PATHS.map((path) => new URL(path, address).href));
    this.#store = new Store(choice, name);
    this.#server = new Server(address, fetch, this.#store, cookie);
    this.#tabs = new Tabs(hasTabs ? name : null);
    this.#session = new CurrentSession(this.#store, this.#tabs, cookie !== null);
    this.#logout = new PendingLogout(this.#server, this.#store, this.#cookieLock, this.#usesCookie);
    this.#refresher = new Refresher(this.#server, this.#session, this.#store, lock, this.#logout, this.#usesCookie);
  }

  /**
   * The session, with a fresh access token; null if there is none. Asks the server if this page does not know yet. With a
   * cookie it asks once for all callers, because only the server can see the cookie.
   * @returns {Promise<Session | null>}
   * @throws The last failure, if no fresh token can be obtained. The session stays.
   */
  async session() {
    if (this.#isByCookie) {
      return this.#sessionOfCookie();
    }

    const held = await this.#refresher.fresh();
    return held && view(held);
  }

  /**
   * Calls a listener at each login, refresh and end of the session, in any tab.
   * @param {(session: Session | null, change: Change) => void} listener
   * @returns {() => void} Removes the listener.
   */
  onChange(listener) {
    return this.#session.onChange(listener);
  }

  /**
   * The session as this page knows it, without a request. Renders can read it, for example by `useSyncExternalStore` of React.
   * @returns {Snapshot}
   */
  getSnapshot() {
    return this.#session.snapshot;
  }

  /**
   * Calls a listener after each change of the snapshot.
   * @param {() => void} listener
   * @returns {() => void} Removes the listener.
   */
  subscribe(listener) {
    return this.#session.subscribe(listener);
  }

  /**
   * Opens a session in place of any other here. With a cookie that one ends, whichever front end has opened it. With any
   * other storage it stays alive at the server, so log out first. If the account has a second factor, no session is open yet.
   * @param {{ username: string, password: string, deviceName?: string }} credentials
   * @returns {Promise<LoginResult>}
   * @throws {AuthError} `invalid_credentials`, `too_many_sessions`, `too_many_requests` and others of the contract. Before it
   *   sends the credentials: `cookie_needs_https`.
   */
  login(credentials) {
    return this.#open('login', credentials);
  }

  /**
   * Opens the session of a login that needs a second factor.
   * @param {LoginStep} step The result of the login.
   * @param {string} code A code of the authenticator app, or a recovery code. It works once.
   * @returns {Promise<Session>}
   * @throws {AuthError} `second_factor_invalid` if the code is wrong or the time is over, `too_many_requests` and others of the
   *   contract.
   */
  async completeLogin({ challenge }, code) {
    return /** @type {Session} */ (await this.#open('login/second-factor', { challenge, code }));
  }

  /**
   * Opens the session of a login that needs a second factor, by a passkey of the account. The browser asks the user for it.
   * @param {LoginStep} step The result of the login, whose `methods` have `passkey`.
   * @param {{ signal?: AbortSignal }} [options] `signal` ends the question.
   * @returns {Promise<Session>}
   * @throws {AuthError} `second_factor_invalid` if the passkey is another account's or the time is over, and others of the
   *   contract. The browser throws a `DOMException`, such as `NotAllowedError` if the user has refused. The step stays usable.
   */
  async completeLoginByPasskey({ challenge }, { signal } = {}) {
    const answer = await askForPasskey(() => this.#server.post('login/passkey/options', { challenge }, signal), { signal });
    return /** @type {Session} */ (await this.#open('login/second-factor', { challenge, ...answer }));
  }

  /**
   * Opens a session by the link of a mail, as `login()` does.
   * @param {{ token: string, deviceName?: string }} link `token` is the part of the link after `#link=`.
   * @returns {Promise<LoginResult>}
   * @throws {AuthError} `link_invalid`, `too_many_sessions` and others of the contract. Before it sends the link:
   *   `cookie_needs_https`.
   */
  loginByLink(link) {
    return this.#open('login/link/confirm', link);
  }

  /**
   * Opens a session by a passkey, as `login()` does. The browser asks the user for one, and no user name is needed.
   * @param {{ mediation?: Mediation, signal?: AbortSignal, deviceName?: string }} [options] With the mediation `conditional`
   *   the browser offers passkeys in a field with `autocomplete="username webauthn"`, for as long as the page waits. The offer
   *   ends before the browser asks for a passkey in any other way. `signal` ends the question.
   * @returns {Promise<Session>}
   * @throws {AuthError} `invalid_credentials`, `too_many_sessions` and others of the contract. The browser throws a
   *   `DOMException`, such as `NotAllowedError` if the user has refused. That of an offer that has ended is an `AbortError`.
   */
  async loginByPasskey({ mediation, signal, deviceName } = {}) {
    /** @type {Begin} */
    const begin = (ended) => this.#server.post('login/passkey/options', undefined, ended);
    const answer = await (mediation === 'conditional'
      ? offerPasskey(begin, signal)
      : askForPasskey(() => begin(signal), { mediation, signal }));
    return /** @type {Session} */ (await this.#open('login/passkey', { ...answer, deviceName }));
  }

  /**
   * Leaves the page for the server's login page, which has all ways to log in. The browser comes back with the cookie, and
   * `session()` finds the session. If it is logged in already, it comes back at once. Needs the storage `cookie`.
   * @param {{ returnTo?: string | URL }} [options] `returnTo` is the address to come back to, by default this page's. Its origin
   *   has to be the server's or in `Cors:Origins`.
   * @throws {AuthError} `cookie_needs_https`
   */
  async loginAtServer({ returnTo } = {}) {
    await this.#leaveFor('', returnTo);
  }

  /**
   * Leaves the page for a provider, such as Google. The browser comes back as from `loginAtServer`; if the login has failed,
   * `takeLoginFailure()` has the reason. Needs the storage `cookie`.
   * @param {string} provider Its id, of `providers()`.
   * @param {{ returnTo?: string | URL }} [options] Those of `loginAtServer`.
   * @throws {AuthError} `cookie_needs_https`
   */
  async loginWith(provider, { returnTo } = {}) {
    await this.#leaveFor(`login/external/${encodeURIComponent(provider)}`, returnTo);
  }

  /**
   * The providers that users can log in by; empty if the server has none.
   * @returns {Promise<Provider[]>}
   */
  async providers() {
    const address = new URL('login/external', this.#server.address);
    const { providers } = await resultOf(this.#send(new Request(address, { ...requestOf('GET'), credentials: 'omit' })));
    return providers;
  }

  /**
   * The failure of a login by a provider, which the browser has come back with; null if there is none. Its `code` is, for
   * example, `access_denied` if the user has refused. Removes it from the address of the page, so that a reload does not show
   * it again.
   * @returns {AuthError | null}
   */
  takeLoginFailure() {
    const { location, history } = globalThis;
    const address = new URL(location.href);
    const query = address.searchParams;
    const code = query.get('error_description') ?? '';
    const provider = query.get('provider') ?? '';
    // Anyone can make a link to this page, so no other text becomes a message.
    if (!query.has('error') || !/^[a-z_]+$/.test(code) || !/^[a-z0-9-]+$/.test(provider)) {
      return null;
    }

    ['error', 'error_description', 'provider'].forEach((name) => query.delete(name));
    history.replaceState(history.state, '', address);
    return new AuthError(0, { code, provider, detail: `The login by ${provider} failed: ${code}.` });
  }

  /**
   * Ends the session. This device forgets it first, whatever happens. The request is sent again for up to 10 seconds.
   * @param {{ everywhere?: boolean }} [options] `everywhere` ends the user's sessions on all devices.
   * @throws The last failure, if the server has not confirmed the logout. With a cookie it is sent again before the next request.
   */
  async logout({ everywhere = false } = {}) {
    await this.#end(everywhere ? () => this.#call('POST', 'logout/all') : null, { type: 'end' });
  }

  /**
   * Deletes the account for ever, and forgets the session with the reason `deleted`. Needs a login or `reauthenticate()` of the
   * last minutes.
   * @throws {AuthError} `reauthentication_required` and others of the contract. The session stays then.
   */
  async deleteAccount() {
    await this.#end(() => this.#call('DELETE', 'me'), { type: 'end', reason: 'deleted' });
  }

  /**
   * Changes the display name or the language of mails. A member that is left out stays, and `null` removes the value. The next
   * access token has the new name.
   * @param {{ displayName?: string | null, locale?: string | null }} changes `locale` is a language tag such as `en` or `ko`.
   * @returns {Promise<CurrentUser>} The user after the changes.
   * @throws {AuthError} `invalid_request` and others of the contract.
   */
  updateProfile(changes) {
    return this.#patch(changes);
  }

  /**
   * Changes the user name, by which the user logs in from then on. The old name stays reserved for the user. Needs a login or
   * `reauthenticate()` of the last minutes. The next access token has the new name.
   * @param {string} username
   * @returns {Promise<CurrentUser>} The user after the change.
   * @throws {AuthError} `username_taken`, `reauthentication_required`, `too_many_requests` and others of the contract.
   */
  changeUsername(username) {
    return this.#patch({ username });
  }

  /**
   * Everything that the server has stored about the user, without secrets. Needs a login or `reauthenticate()` of the last
   * minutes.
   * @returns {Promise<Record<string, unknown>>}
   * @throws {AuthError} `reauthentication_required` and others of the contract.
   */
  export() {
    return this.#call('GET', 'me/export');
  }

  /**
   * Opens an account. Does not log in.
   * @param {{ username: string, password: string, email?: string, displayName?: string }} account
   * @returns {Promise<{ id: string, username: string }>}
   * @throws {AuthError} `username_taken`, `invalid_request`, `registration_closed` and others of the contract.
   */
  register(account) {
    return this.#server.post('register', account);
  }

  /**
   * Estimates a password as a new one, by the server's own check. A form calls it when the user pauses, and shows nothing if
   * it rejects.
   * @param {{ password: string, username?: string, email?: string, displayName?: string }} account The names may be
   *   incomplete.
   * @returns {Promise<PasswordEstimate>}
   * @throws {AuthError} `too_many_requests`, `invalid_request` for a name that is too long, and others of the contract.
   */
  estimatePassword(account) {
    return this.#server.post('password/strength', account);
  }

  /**
   * A page of the user's sessions, newest use first; with `ended` also those that ended in the last 30 days.
   * @param {{ ended?: boolean, after?: string | undefined, limit?: number }} [options] `after` is `next` of the page before.
   *   `limit` is the maximum number of sessions on the page, 1 to 200, which is the default.
   * @returns {Promise<DevicePage>}
   */
  sessions({ ended = false, after, limit } = {}) {
    const query = new URLSearchParams({ ended: String(ended) });
    after === undefined || query.set('after', after);
    limit === undefined || query.set('limit', String(limit));
    return this.#call('GET', `sessions?${query}`);
  }

  /**
   * Ends one of the user's sessions.
   * @param {string} id
   * @throws {AuthError} `not_found` if it is not a session of the user, and others of the contract.
   */
  async endSession(id) {
    await this.#call('DELETE', `sessions/${encodeURIComponent(id)}`);
  }

  /**
   * Changes the password, which ends all other sessions of the user and replaces the tokens of this one. A copy of its refresh
   * token is worthless from then on. If the answer is lost, the user has to log in again.
   * @param {{ currentPassword: string, newPassword: string, code?: string }} passwords `code` is one of the authenticator app,
   *   or a recovery code, if the login needs a second factor.
   * @throws {AuthError} `invalid_credentials` if the current password is wrong, `second_factor_required`,
   *   `second_factor_invalid` and others of the contract.
   */
  async changePassword(passwords) {
    await this.#prove(PASSWORD_PATH, passwords);
  }

  /**
   * Sets the first password of an account that has none, as `changePassword()` does. Needs a login or a reauthentication of the
   * last minutes.
   * @param {string} newPassword
   * @throws {AuthError} `reauthentication_required` and others of the contract. `invalid_request` if the password is weak, or
   *   there is one already.
   */
  async setPassword(newPassword) {
    await this.#prove(PASSWORD_PATH, { newPassword });
  }

  /**
   * The proofs that the user can give, to choose from before `reauthenticate()`, `reauthenticateByPasskey()` or
   * `reauthenticateByMail()`.
   * @returns {Promise<ReauthenticationOptions>}
   */
  async reauthenticationOptions() {
    const { methods, secondFactors } = await this.#call('POST', `${PROOF_PATH}/options`);
    return { methods, secondFactors };
  }

  /**
   * Proves again who the user is. Requests that were refused with `reauthentication_required` can be sent again. The tokens of
   * the session are replaced: if the answer is lost, the user has to log in again.
   * @param {string} password
   * @param {string} [code] A code of the authenticator app, or a recovery code, if the login needs a second factor.
   * @returns {Promise<ReauthenticationResult>} With `secondFactor` if the password is right and a code is missing.
   * @throws {AuthError} `invalid_credentials` if the password is wrong, `second_factor_invalid` and others of the contract.
   */
  reauthenticate(password, code) {
    return this.#reauthenticate({ password, code });
  }

  /**
   * Proves again who the user is by a passkey, as `reauthenticate()` does. The browser asks the user for it. It counts as two
   * factors, so no code is needed.
   * @param {{ signal?: AbortSignal }} [options] `signal` ends the question.
   * @throws {AuthError} `not_found` if the account has no passkey, `invalid_credentials` and others of the contract. The browser
   *   throws a `DOMException`, such as `NotAllowedError` if the user has refused.
   */
  async reauthenticateByPasskey({ signal } = {}) {
    const answer = await askForPasskey(() => this.#call('POST', `${PROOF_PATH}/options`, undefined, signal), { signal });
    await this.#prove(PROOF_PATH, answer);
  }

  /**
   * Proves again who the user is by the code of a mail, as `reauthenticate()` does, for users without a password.
   * @param {string} mailCode
   * @param {string} [code] A code of the authenticator app, or a recovery code, as for `reauthenticate()`.
   * @returns {Promise<ReauthenticationResult>} The result, as of `reauthenticate()`. If a code is missing, that of the mail stays
   *   usable.
   * @throws {AuthError} Those of `reauthenticate()`.
   */
  reauthenticateByMail(mailCode, code) {
    return this.#reauthenticate({ mailCode, code });
  }

  /**
   * Sends a code by mail, for `reauthenticateByMail()`. It counts for ten minutes, in this session alone.
   * @throws {AuthError} `invalid_request` if the user has a password, a passkey or no verified address, and others of the
   *   contract.
   */
  async requestReauthenticationCode() {
    await this.#call('POST', `${PROOF_PATH}/mail`);
  }

  /**
   * The second factors of the user.
   * @returns {Promise<SecondFactorList>}
   */
  secondFactors() {
    return this.#call('GET', 'second-factors');
  }

  /**
   * Makes the secret of an authenticator app, which counts once its first code was given. Needs a login or a reauthentication
   * of the last minutes; or a login that has to set one up.
   * @param {LoginStep} [step] The result of that login.
   * @returns {Promise<{ secret: string, uri: string, qr: string }>} `qr` is an SVG.
   * @throws {AuthError} `reauthentication_required`, `invalid_request` if there is an app already, and others of the contract.
   */
  beginTotp(step) {
    return step
      ? this.#server.post('login/second-factor/totp', { challenge: step.challenge })
      : this.#call('POST', 'second-factors/totp');
  }

  /**
   * Makes an authenticator app count by its first code. Logins need a second factor then, and other sessions of the user end.
   * @param {string} code
   * @param {LoginStep} [step] The result of the login that has to set it up.
   * @returns {Promise<string[]>} Recovery codes, which are shown once; none if the user has some already.
   * @throws {AuthError} `second_factor_invalid`, `reauthentication_required` and others of the contract.
   */
  async confirmTotp(code, step) {
    const { recoveryCodes } = await (step
      ? this.#server.post('login/second-factor/totp/confirm', { challenge: step.challenge, code })
      : this.#call('POST', 'second-factors/totp/confirm', { code }));
    return recoveryCodes;
  }

  /**
   * Removes the authenticator app, and ends the user's other sessions.
   * @throws {AuthError} `reauthentication_required`, `not_found` and others of the contract.
   */
  async removeTotp() {
    await this.#call('DELETE', 'second-factors/totp');
  }

  /**
   * Switches on or off whether logins of the user need a second factor, and ends the user's other sessions.
   * @param {boolean} required
   * @returns {Promise<SecondFactorList>}
   * @throws {AuthError} `reauthentication_required`, `invalid_request` if there is no factor to rely on, and others.
   */
  requireSecondFactor(required) {
    return this.#call('PATCH', 'second-factors', { required });
  }

  /**
   * Replaces the recovery codes, and ends the user's other sessions.
   * @returns {Promise<string[]>} The new codes, which are shown once.
   * @throws {AuthError} `reauthentication_required`, `not_found` if there is no other factor, and others of the contract.
   */
  async replaceRecoveryCodes() {
    return (await this.#call('POST', 'second-factors/recovery-codes')).recoveryCodes;
  }

  /**
   * Sends a link that sets a new password to the verified address of an account. Succeeds alike if there is none.
   * @param {string} username The user name, or the verified address.
   */
  async requestPasswordReset(username) {
    await this.#server.post('password/forgot', { username });
  }

  /**
   * Sets a new password by the link of a mail, and ends every session of the account.
   * @param {{ token: string, newPassword: string }} link `token` is the part of the link after `#link=`.
   * @throws {AuthError} `link_invalid`, or `invalid_request` for a weak password, which leaves the link usable.
   */
  async resetPassword(link) {
    await this.#server.post('password/reset', link);
  }

  /**
   * Sends a link that logs in to the verified address of an account. Succeeds alike if there is none.
   * @param {string} username The user name, or the verified address.
   * @throws {AuthError} `not_found` if the server has that switched off, and others of the contract.
   */
  async requestLoginLink(username) {
    await this.#server.post('login/link', { username });
  }

  /**
   * The content of the link of a mail, which stays usable. A page shows it before it acts.
   * @param {string} token The part of the link after `#link=`.
   * @returns {Promise<{ kind: 'confirm_email' | 'reset_password' | 'log_in' | (string & {}), username: string, email: string,
   *   expiresAt: string }>}
   * @throws {AuthError} `link_invalid` and others of the contract.
   */
  inspectLink(token) {
    return this.#server.post('links/inspect', { token });
  }

  /**
   * Verifies an address by the link of a mail.
   * @param {string} token The part of the link after `#link=`.
   * @throws {AuthError} `link_invalid`, `email_taken` and others of the contract.
   */
  async confirmEmail(token) {
    await this.#server.post('email/confirm', { token });
  }

  /**
   * Sends a link to an address, which becomes the user's once it is used. Needs a login or `reauthenticate()` of the last
   * minutes.
   * @param {string} email
   * @throws {AuthError} `reauthentication_required`, `too_many_requests` and others of the contract.
   */
  async changeEmail(email) {
    await this.#call('POST', 'email', { email });
  }

  /**
   * Removes the user's address, and ends the user's other sessions if it was verified. Needs a login or `reauthenticate()` of
   * the last minutes.
   * @throws {AuthError} `reauthentication_required`, `last_credential` and others of the contract.
   */
  async removeEmail() {
    await this.#call('DELETE', 'email');
  }

  /**
   * Adds a passkey to the account, and ends the user's other sessions. The browser asks the user to make one. Needs a login or
   * `reauthenticate()` of the last minutes.
   * @param {string} [name] The user's name for it, up to 64 characters; one by the browser and the system without it.
   * @returns {Promise<Passkey>}
   * @throws {AuthError} `reauthentication_required`, `invalid_request` and others of the contract. The browser throws a
   *   `DOMException`: `NotAllowedError` if the user has refused, and `InvalidStateError` if the device has one already.
   */
  async registerPasskey(name) {
    throwUnlessPasskeys();
    const { state, options } = await this.#call('POST', 'passkeys/options');
    endOffer();
    const credential = await navigator.credentials.create({ publicKey: creationOptionsOf(options) });
    return this.#call('POST', 'passkeys', { state, credential: toJson(credential), name });
  }

  /**
   * Gives a passkey of the user another name.
   * @param {string} id
   * @param {string} name Up to 64 characters.
   * @throws {AuthError} `not_found`, `invalid_request` and others of the contract.
   */
  async renamePasskey(id, name) {
    await this.#call('PATCH', `passkeys/${encodeURIComponent(id)}`, { name });
  }

  /**
   * Removes a passkey of the user, and ends the user's other sessions. Needs a login or `reauthenticate()` of the last minutes.
   * @param {string} id
   * @throws {AuthError} `reauthentication_required`, `last_credential`, `not_found` and others of the contract.
   */
  async removePasskey(id) {
    await this.#call('DELETE', `passkeys/${encodeURIComponent(id)}`);
  }

  /** Stops the exchange with other tabs. The client goes on alone. */
  close() {
    this.#tabs.close();
  }

  /**
   * `fetch` with the access token. The token is refreshed before it expires. If the server refuses it all the same, a request is
   * sent once more with a new token. That may be of a newer session of the same user, and is never of another user. Requests to
   * origins that are neither the server's nor in `apis` pass unchanged.
   *
   * A refresh without an answer is sent again with the same token: 1 second after the failure, then after 2, 4, 8 and 15 seconds.
   * A `Retry-After` is obeyed up to 60 seconds. This goes on for as long as a call waits. A call waits until its `signal` aborts,
   * or until the next attempt would begin later than 30 seconds after the call. Then it rejects with the last failure, and the
   * session stays. An attempt under way goes on without its callers, and its answer is kept.
   * @param {Parameters<typeof globalThis.fetch>[0]} input
   * @param {Parameters<typeof globalThis.fetch>[1]} [init]
   * @returns {Promise<Response>}
   */
  async fetch(input, init) {
    const base = globalThis.document?.baseURI ?? globalThis.location?.href ?? this.#server.address;
    const request = new Request(typeof input === 'string' ? new URL(input, base) : input, init);
    if (this.#isByCookie) {
      return this.#fetchByCookie(request);
    }

    if (!this.#shouldAttachToken(new URL(request.url)) || request.headers.has('Authorization')) {
      return this.#send(request);
    }

    // A request of one user is never sent as another one who logs in meanwhile.
    const { owner } = this.#session;
    const held = await this.#refresher.fresh(request.signal);
    if (!held || !(owner === undefined || isSameUser(owner, held))) {
      // Without the session cookie that the browser may have, or the request would be of that cookie's user.
      const isOwn = new URL(request.url).origin === this.#server.address.origin;
      return this.#send(isOwn ? new Request(request, { credentials: 'omit' }) : request);
    }

    // A stream can be read once. Any other body is kept for a second request.
    const again = init?.body instanceof ReadableStream ? null : request.clone();
    const response = await this.#send(authorized(request, held));
    // After a redirect the answer is of another address, and changes nothing here.
    const { code, reason } = response.status === 401 && !response.redirected ? await problemOf(response) : {};
    if (code === 'session_ended') {
      this.#session.endAtServer(held.id, { type: 'end', code, reason });
    } else if (code !== 'access_token_expired') {
      return response;
    }

    // The user may have logged in again elsewhere, which ended the session of this request.
    this.#session.refuse(held.accessToken);
    const next = await this.#refresher.fresh(request.signal);
    return next && again && isSameUser(held, next) ? this.#send(authorized(again, next)) : response;
  }

  /**
   * Sends a request with the session cookie, if it is for the server.
   * @param {Request} request
   */
  async #fetchByCookie(request) {
    if (new URL(request.url).origin !== this.#server.address.origin) {
      return this.#send(request);
    }

    const id = this.#session.held?.id;
    const response = await this.#send(new Request(request, { credentials: 'include' }));
    const { code, reason } = response.status === 401 && !response.redirected ? await problemOf(response) : {};
    // A session that was opened meanwhile stays.
    if (code && LOST_CODES.has(code) && this.#session.held?.id === id) {
      this.#session.end({ type: 'end', code, reason }, id);
    }

    return response;
  }

  /**
   * The session of the session cookie, which only the server can see; null if there is none.
   * @returns {Promise<Session | null>}
   */
  async #sessionOfCookie() {
    try {
      return view(this.#session.adoptUser(await this.#call('GET', 'me'), now()));
    } catch (error) {
      if (error instanceof AuthError && LOST_CODES.has(error.code)) {
        return null;
      }

      throw error;
    }
  }

  /**
   * @param {string} path One of `LOGIN_PATHS`.
   * @param {object} credentials
   * @returns {Promise<LoginResult>}
   */
  async #open(path, credentials) {
    await this.#prepareLogin();
    return this.#cookieLock.run(async () => {
      const sent = now();
      try {
        const answer = await this.#server.post(path, credentials);
        if (this.#isByCookie) {
          return view(this.#session.adoptUser(await this.#call('GET', 'me'), now()));
        }

        return view(this.#session.adopt(answer, sent, 'login'));
      } catch (error) {
        if (error instanceof StepError) {
          return error.step;
        }

        throw error;
      }
    });
  }

  /**
   * Ends the session here.
   * @param {(() => Promise<unknown>) | null} ends Ends it at the server before that, with all of the user; null to log out.
   * @param {Change} change
   */
  async #end(ends, change) {
    if (this.#isByCookie) {
      await this.#endByCookie(ends, change);
      return;
    }

    if (this.#session.owner === undefined) {
      // There may be a cookie that this page has not used yet.
      await this.#refresher.fresh();
    }

    const kept = this.#store.read() ?? this.#session.held;
    // Without a wait for a mere logout, because this device forgets the session first.
    if (ends) {
      await ends();
    }

    // A session that was opened meanwhile stays.
    if (!kept || (this.#store.read() ?? kept).id !== kept.id) {
      return;
    }

    this.#session.end(change, kept.id);
    if (this.#usesCookie) {
      // If the session has ended already, only the cookie is left to remove. That is tried again before the next request.
      const removed = this.#logout.start({ id: kept.id });
      await (ends ? removed.catch(() => {}) : removed);
    } else if (!ends) {
      await this.#logout.start(kept);
    }
  }

  /**
   * Ends the session of the session cookie, and removes the cookie. The server decides, so it comes first.
   * @param {(() => Promise<unknown>) | null} ends
   * @param {Change} change
   */
  async #endByCookie(ends, change) {
    const id = this.#session.held?.id;
    await ends?.();
    const removed = this.#server.post('logout');
    await (ends ? removed.catch(() => {}) : removed.catch(unlessCookieIsMissing));
    if (this.#session.held?.id === id) {
      this.#session.end(change, id);
    }
  }

  /**
   * @param {object} changes
   * @returns {Promise<CurrentUser>}
   */
  async #patch(changes) {
    const user = await this.#call('PATCH', 'me', changes);
    // Its access token has the former names. The next request refreshes first.
    const { held } = this.#session;
    held && this.#session.refuse(held.accessToken);
    return user;
  }

  /** Makes sure that no answer on its way, and no logout, undoes the login that follows. */
  async #prepareLogin() {
    if (this.#losesCookie) {
      const detail = `Browsers keep the login cookie of HTTPS only, but the server is ${this.#server.address.origin}.`;
      throw new AuthError(0, { code: 'cookie_needs_https', detail });
    }

    await this.#logout.settle();
    if (this.#usesCookie) {
      // The answer to a refresh would set the cookie of the former session.
      this.#refresher.abort();
    }
  }

  /**
   * @param {string} path Below the server.
   * @param {string | URL | undefined} returnTo
   */
  async #leaveFor(path, returnTo) {
    const { location } = globalThis;
    if (!this.#usesCookie || !location?.assign) {
      throw new TypeError("Needs a page and storage: 'cookie', because the browser comes back with a cookie.");
    }

    await this.#prepareLogin();
    const address = new URL(path, this.#server.address);
    // Readers of an address disagree about backslashes, so the server refuses them.
    address.searchParams.set('return_to', new URL(returnTo ?? location.href, location.href).href.replaceAll('\\', '%5C'));
    // The browser may keep this page, and show it again as it was before the login.
    globalThis.addEventListener('pageshow', () => this.#session.doubt(), { once: true });
    location.assign(address.href);
  }

  /** @param {URL} address */
  #shouldAttachToken({ origin, pathname }) {
    return this.#origins.has(origin) && !this.#tokenAddresses.has(origin + pathname);
  }

  /**
   * @param {{ password: string, code: string | undefined } | { mailCode: string, code: string | undefined }} proof
   * @returns {Promise<ReauthenticationResult>}
   */
  async #reauthenticate(proof) {
    try {
      await this.#prove(PROOF_PATH, proof);
      return { isFresh: true };
    } catch (error) {
      if (error instanceof AuthError && error.code === 'second_factor_required') {
        return { isFresh: false, secondFactor: 'required', methods: error.methods ?? [] };
      }

      throw error;
    }
  }

  /**
   * Sends a proof of the user, which replaces the tokens of the session.
   * @param {string} path
   * @param {object} body
   */
  async #prove(path, body) {
    if (this.#isByCookie) {
      await this.#call('POST', path, body);
      return;
    }

    const { owner } = this.#session;
    // A second time if the access token expired on its way, or the user has logged in again elsewhere.
    for (let attempt = 0; attempt < 2; attempt++) {
      const held = await this.#refresher.fresh();
      if (held && owner !== undefined && !isSameUser(owner, held)) {
        throw new AuthError(0, {
          code: 'access_token_missing', detail: 'Another user has logged in meanwhile. Nothing was sent.',
        });
      }

      // No tab may present a token that is replaced meanwhile.
      if (await this.#lock.run(() => this.#replaceTokens(path, body))) {
        return;
      }
    }

    // There is no session here, or none whose refresh token can come along.
    await this.#call('POST', path, body);
    // Its access token is from before. The next request refreshes first.
    const { held } = this.#session;
    held && this.#session.refuse(held.accessToken);
  }

  /**
   * Takes the new pair of the answer. False if nothing was changed because the session has no token to send.
   * @param {string} path
   * @param {object} body
   */
  async #replaceTokens(path, body) {
    const kept = this.#store.read();
    const { held } = this.#session;
    if (!held || !this.#session.isFresh || kept?.id !== held.id || kept.leaving) {
      return false;
    }

    try {
      const sent = now();
      const refreshToken = this.#usesCookie ? undefined : kept.refreshToken;
      const pair = await this.#server.replaceTokens(path, { ...body, refreshToken }, held);
      // Without one, the browser had no cookie to send.
      if (pair) {
        this.#session.adopt(pair, sent, 'refresh');
      } else {
        this.#session.refuse(held.accessToken);
      }

      return true;
    } catch (error) {
      const { status, code = '', reason } = error instanceof AuthError ? error : {};
      const change = /** @type {Change} */ ({ type: 'end', code, reason });
      if (code === 'access_token_expired' || code === 'session_ended') {
        this.#session.refuse(held.accessToken);
      }

      if (code === 'session_ended') {
        this.#session.endAtServer(held.id, change);
      } else if (status === 401 && ENDING_CODES.has(code)) {
        this.#session.end(change, held.id);
      }

      // The cookie may be of a newer session, which a login at another front end has opened.
      if (code === 'access_token_expired' || code === 'token_mismatch' || (code === 'session_ended' && this.#usesCookie)) {
        return false;
      }

      throw error;
    }
  }

  /**
   * A request to a private route of the server.
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   * @param {AbortSignal | null} [signal]
   * @returns {Promise<any>}
   */
  #call(method, path, body, signal = null) {
    const request = { ...requestOf(method, body), credentials: /** @type {const} */ ('omit'), signal };
    return resultOf(this.fetch(new URL(path, this.#server.address), request));
  }
}

/** The session as this page knows it. Publishes each change to listeners and to the other tabs. */
class CurrentSession {
  #store; #tabs; #usesCookie;
  /** True if the server has answered that there is no cookie, or a tab has logged out. */ #isAnonymous = false;
  /** @type {string | undefined} The session that ended last. Messages about it are late. */ #ended;
  /** @type {{ id: string, change: Change } | null} An end that a private route answered, until a refresh has confirmed it. */
  #reported = null;
  /** @type {Set<(session: Session | null, change: Change) => void>} */ #listeners = new Set();
  /** @type {Set<() => void>} */ #subscribers = new Set();

  /** @type {Held | null} */ held = null;

  /** @type {Snapshot} */ snapshot;

  /** @type {() => void} Called at once after each change. */
  onUpdate = () => {};

  /**
   * @param {Store} store
   * @param {Tabs} tabs
   * @param {boolean} usesCookie True if a cookie decides, which no script can see.
   */
  constructor(store, tabs, usesCookie) {
    this.#store = store;
    this.#tabs = tabs;
    this.#usesCookie = usesCookie;
    this.snapshot = { status: this.mayExist ? 'loading' : 'anonymous', session: null };
    tabs.listen((message) => this.#receive(message));
  }

  /** True if there may be a session. Without a mark only the server knows, because no script can see the cookie. */
  get mayExist() {
    const kept = this.#store.read();
    return kept ? !kept.leaving : this.#usesCookie && !this.#isAnonymous;
  }

  /**
   * The session that a request which begins now belongs to; null for none, undefined if this page does not know yet.
   * @returns {Held | Kept | null | undefined}
   */
  get owner() {
    return this.held ?? (this.mayExist ? this.#store.read() ?? undefined : null);
  }

  /** True if the access token lives long enough for a request. */
  get isFresh() {
    // A second, because `iat` is rounded down; another one for the request, or a twentieth of a shorter lifetime.
    return this.held !== null && remainingOf(this.held) > 1000 + Math.min(1000, this.held.expiresIn * 50);
  }

  /** True if each tab has a session of its own, unless it is a duplicate of another tab. */
  get #isPerTab() {
    return !this.#usesCookie && !this.#store.isShared;
  }

  /**
   * @param {(session: Session | null, change: Change) => void} listener
   * @returns {() => void}
   */
  onChange(listener) {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  /**
   * @param {() => void} listener
   * @returns {() => void}
   */
  subscribe(listener) {
    // One listener may be here twice.
    const own = () => listener();
    this.#subscribers.add(own);
    return () => { this.#subscribers.delete(own); };
  }

  /**
   * Takes a pair, here and in the other tabs.
   * @param {TokenPair} pair
   * @param {Moment} sent The moment at which it was requested.
   * @param {'login' | 'refresh'} type
   */
  adopt(pair, sent, type) {
    if (!pair?.accessToken) {
      throw new AuthError(200, {});
    }

    const { sessionId: id, accessToken, expiresIn, refreshToken } = pair;
    const isNew = type === 'login' || this.held?.id !== id;
    const lifetime = expiresIn * 1000;
    this.held = { id, accessToken, expiresIn, expiresAt: sent.steady + lifetime, expiresOn: sent.ofDay + lifetime };
    this.#isAnonymous = false;
    this.#reported = null;
    this.#store.write({ ...markOf(this.held), ...(refreshToken && { refreshToken }) });
    this.#share(this.held);
    this.#publish({ type: isNew ? 'login' : 'refresh' });
    return this.held;
  }

  /**
   * Takes the user of a session cookie, as the server has it.
   * @param {CurrentUser} user
   * @param {Moment} asked
   */
  adoptUser(user, asked) {
    if (!user?.sessionId) {
      throw new AuthError(200, {});
    }

    const { sessionId: id, username, displayName, roles, admin, issuedAt, expiresAt } = user;
    const claims = { sub: user.id, preferred_username: username, name: displayName, roles, admin, sid: id };
    const { held } = this;
    const lifetime = Date.parse(expiresAt) - Date.parse(issuedAt);
    this.held = {
      id,
      accessToken: '',
      expiresIn: lifetime / 1000,
      expiresAt: asked.steady + lifetime,
      expiresOn: asked.ofDay + lifetime,
      claims,
    };
    this.#isAnonymous = false;
    if (held?.id !== id) {
      this.#publish({ type: 'login' });
    } else if (JSON.stringify(held.claims) !== JSON.stringify(claims)) {
      this.#publish({ type: 'refresh' });
    }

    return this.held;
  }

  /**
   * Marks an access token as refused by the server: it is not sent again.
   * @param {string} accessToken
   */
  refuse(accessToken) {
    if (this.held?.accessToken === accessToken) {
      this.held = { ...this.held, expiresAt: 0, expiresOn: 0 };
    }
  }

  /** Asks the server again before this page counts as logged out. */
  doubt() {
    this.#isAnonymous = false;
    this.renewSnapshot();
  }

  /**
   * Ends a session, here and in the other tabs.
   * @param {Change} change
   * @param {string | undefined} id Undefined if this page knew of none. Then there is nothing to publish.
   */
  end(change, id) {
    this.#isAnonymous = true;
    if (id === undefined) {
      this.renewSnapshot();
      return;
    }

    // The browser may have lost the cookie meanwhile, and a refresh would not say why the session has ended.
    const known = change.code && this.#reported?.id === id ? this.#reported.change : change;
    this.#ended = id;
    this.#store.write(null);
    this.#tabs.post({ type: 'end', id, change: known });
    this.held = null;
    this.#publish(known);
  }

  /**
   * Records that the session has ended elsewhere, if this page has one.
   * @param {Change} change
   */
  forget(change) {
    if (this.held) {
      this.held = null;
      this.#publish(change);
    }
  }

  /**
   * Records that a session has ended by the answer of a private route. Changes nothing if another has taken its place. With a
   * cookie a login at another front end may have done that, and the next refresh decides.
   * @param {string} id
   * @param {Change} change
   */
  endAtServer(id, change) {
    if (this.#usesCookie) {
      this.#reported = { id, change };
    } else if (this.#store.read()?.id === id) {
      this.end(change, id);
    } else if (this.held?.id === id) {
      this.forget(change);
    }
  }

  /** @param {Change} change */
  #publish(change) {
    this.onUpdate();
    const session = this.renewSnapshot(change);
    for (const listener of this.#listeners) {
      // In a microtask, so that an exception of a listener does not reach this code.
      queueMicrotask(() => listener(session, change));
    }
  }

  /**
   * Replaces the snapshot if something in it has changed.
   * @param {Change | null} [change]
   */
  renewSnapshot(change) {
    const { snapshot } = this;
    const session = this.held && view(this.held);
    // A message about an end may arrive before the store of this tab has changed.
    const mayExist = this.mayExist && (this.#ended === undefined || this.#store.read()?.id !== this.#ended);
    const status = session ? 'authenticated' : mayExist ? 'loading' : 'anonymous';
    const end = session ? undefined : change?.type === 'end' ? change : snapshot.end;
    if (session && JSON.stringify(session.user) === JSON.stringify(snapshot.session?.user)) {
      session.user = /** @type {Session} */ (snapshot.session).user;
    }

    const isOther = session?.accessToken !== snapshot.session?.accessToken || session?.user !== snapshot.session?.user;
    if (status !== snapshot.status || end !== snapshot.end || isOther) {
      this.snapshot = { status, session, end };
      this.#subscribers.forEach((listener) => queueMicrotask(listener));
    }

    return session;
  }

  /** Asks the other tabs for newer tokens: a duplicated tab begins with a copy of the session storage, which may be old. */
  async askTabs() {
    const kept = this.#store.read();
    if (kept && this.#isPerTab && this.#tabs.isOpen && !(this.held && globalThis.navigator?.locks)) {
      await this.#tabs.ask(kept.id);
    }
  }

  /** @param {Held} held */
  #share(held) {
    this.#tabs.share(held, this.#isPerTab ? this.#store.read() : null);
  }

  /** @param {Message} message */
  #receive(message) {
    switch (message.type) {
      case 'tokens':
        return this.#receiveTokens(message);
      case 'ask':
        return this.held?.id === message.id && this.#share(this.held);
      case 'end':
        return this.#receiveEnd(message);
    }
  }

  /** @param {Extract<Message, { type: 'end' }>} message */
  #receiveEnd({ id, change }) {
    this.#ended = id;
    if (!this.#store.isShared && this.#store.read()?.id === id) {
      this.#store.write(null);
    }

    if (!this.held || this.held.id === id) {
      this.#isAnonymous = true;
      this.forget(change);
    }
  }

  /** @param {Extract<Message, { type: 'tokens' }>} message */
  #receiveTokens({ held, kept }) {
    // The message may be late, or from a tab that is a duplicate of another one. The store may be late too, but then it is empty.
    // With a cookie and a store of this tab alone, the store may know a former session only.
    const known = this.#store.read()?.id;
    const isOther = this.#store.isShared ? known !== undefined && known !== held.id : this.#isPerTab && known !== held.id;
    if (held.id === this.#ended || isOther) {
      return;
    }

    const isNew = this.held?.id !== held.id;
    this.held = held;
    this.#isAnonymous = false;
    if (!this.#store.isShared) {
      this.#store.write(kept ?? markOf(held));
    }

    this.#tabs.answered();
    this.#publish({ type: isNew ? 'login' : 'refresh' });
  }
}

/**
 * Refreshes the session. Any number of callers that need a fresh token share one attempt. Attempts are made for callers: none
 * begins while no caller waits. An attempt under way outlives its callers, so that its answer is not lost.
 */
class Refresher {
  #server; #session; #store; #lock; #logout; #usesCookie;
  #schedule = new RetrySchedule();
  /** @type {Cooldown | null} */ #cooldown = null;
  /** @type {Promise<Attempt> | null} */ #attempt = null;
  /** @type {AbortController | null} The request of the attempt. */ #request = null;

  /**
   * @param {Server} server
   * @param {CurrentSession} session
   * @param {Store} store
   * @param {Lock} lock
   * @param {PendingLogout} logout
   * @param {boolean} usesCookie
   */
  constructor(server, session, store, lock, logout, usesCookie) {
    this.#server = server;
    this.#session = session;
    this.#store = store;
    this.#lock = lock;
    this.#logout = logout;
    this.#usesCookie = usesCookie;
    session.onUpdate = () => this.#reset();
  }

  /**
   * An access token that lives long enough for a request; null if there is no session.
   * @param {AbortSignal} [signal] Ends the wait of this caller alone.
   * @returns {Promise<Held | null>}
   */
  async fresh(signal) {
    const start = performance.now();
    /** @type {Cooldown | null} */ let waited = null;
    let isAgain = false;
    signal?.throwIfAborted();
    while (!this.#session.isFresh) {
      /** @type {Attempt} */ const { held, cooldown } = await unlessAborted(this.#joinAttempt(waited), signal);
      if (held && !isAgain && performance.now() < held.expiresAt && remainingOf(held) <= 0) {
        // The device was suspended during the request.
        isAgain = true;
        continue;
      }

      if (!cooldown) {
        return held;
      }

      if (performance.now() + cooldown.remaining - start > CALL_BUDGET) {
        throw cooldown.error;
      }

      await cooldown.wait(signal);
      waited = cooldown;
    }

    return this.#session.held;
  }

  /** Aborts the request of an attempt that is under way. */
  abort() {
    this.#request?.abort();
  }

  #reset() {
    if (this.#usesCookie && this.#session.held) {
      // There are newer tokens. The answer to an attempt under way would set a former cookie again, of this session or another.
      this.abort();
    }

    this.#schedule = new RetrySchedule();
    this.#cooldown?.end();
    this.#cooldown = null;
  }

  /**
   * The attempt that is under way or a new one; or a cooldown that is not over, unless the caller has waited for it already.
   * @param {Cooldown | null} waited
   * @returns {Promise<Attempt>}
   */
  async #joinAttempt(waited) {
    if (!this.#attempt && this.#cooldown && this.#cooldown !== waited && this.#session.mayExist) {
      if (this.#cooldown.remaining > 0) {
        return { cooldown: this.#cooldown };
      }

      // No caller was waiting when the attempt was due.
      this.#schedule.restart();
    }

    this.#attempt ??= this.#refresh().finally(() => {
      this.#attempt = null;
      this.#session.renewSnapshot();
    });
    return this.#attempt;
  }

  /** @returns {Promise<Attempt>} */
  async #refresh() {
    await this.#logout.settle();
    await this.#session.askTabs();
    try {
      return { held: await this.#lock.run(() => this.#refreshOnce()) };
    } catch (error) {
      if (this.#session.isFresh || !this.#session.mayExist) {
        // Meanwhile there was a login or a logout.
        return { held: this.#session.isFresh ? this.#session.held : null };
      }

      const wait = this.#schedule.waitAfter(error);
      this.#cooldown = wait === null ? null : new Cooldown(error, wait);
      if (!this.#cooldown) {
        throw error;
      }

      return { cooldown: this.#cooldown };
    }
  }

  /**
   * One request, unless another tab has refreshed or logged out meanwhile.
   * @returns {Promise<Held | null>}
   */
  async #refreshOnce() {
    const kept = this.#store.read();
    const { held } = this.#session;
    if (!this.#session.mayExist) {
      this.#session.forget({ type: 'end' });
      return null;
    }

    if (held && this.#session.isFresh && (!kept || held.id === kept.id)) {
      return held;
    }

    try {
      const sent = now();
      const pair = await this.#present(kept);
      return this.#store.holds(kept) ? this.#session.adopt(pair, sent, 'refresh') : await this.#refreshOnce();
    } catch (error) {
      if (!(error instanceof AuthError && error.status === 401 && ENDING_CODES.has(error.code))) {
        throw error;
      }

      // The refusal is about a former token if another tab has logged in or refreshed meanwhile.
      if (!this.#store.holds(kept)) {
        return await this.#refreshOnce();
      }

      this.#session.end({ type: 'end', code: error.code, reason: error.reason }, kept?.id ?? held?.id);
      return null;
    }
  }

  /**
   * @param {Kept | null} kept
   * @returns {Promise<TokenPair>}
   */
  #present(kept) {
    this.#request = new AbortController();
    const signal = limited(this.#request, this.#schedule.timeout);
    const body = this.#usesCookie ? undefined : { refreshToken: kept?.refreshToken };
    // The abort closes the connection. A `fetch` of the program may ignore it: then its late answer is discarded.
    return unlessAborted(this.#server.post('refresh', body, signal), signal);
  }
}

/** Moments at which a request is sent again. One attempt at a time. */
class RetrySchedule {
  #wait = FIRST_WAIT;
  #timeouts = 0;

  /** Milliseconds that the next attempt may take: few at first, so that a lost request costs little. */
  get timeout() {
    return this.#timeouts === 0 ? FIRST_TIMEOUT : this.#timeouts === 1 ? SECOND_TIMEOUT : LAST_TIMEOUT;
  }

  /**
   * Records a failed attempt. Returns the milliseconds until the next one; null if the same request would fail again.
   * @param {unknown} error
   */
  waitAfter(error) {
    const answer = error instanceof AuthError ? error : null;
    if (answer && answer.status < 500 && answer.status !== 429) {
      return null;
    }

    if (answer) {
      this.#timeouts = 0;
    } else if (error instanceof DOMException && error.name === 'TimeoutError') {
      this.#timeouts++;
    }

    const wait = Math.max(this.#wait, retryAfterOf(answer));
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
    return wait;
  }

  /** Begins again with the first wait. The timeout stays, because the network may still be as slow as it was. */
  restart() {
    this.#wait = FIRST_WAIT;
  }
}

/** Pause between a failed attempt and the next one, shared by all callers that wait for it. */
class Cooldown {
  #dueAt;
  #ended = new AbortController();

  /**
   * @param {unknown} error The failure that the pause follows.
   * @param {number} length Its length in milliseconds.
   */
  constructor(error, length) {
    this.error = error;
    this.#dueAt = performance.now() + length;
  }

  /** Milliseconds until the next attempt; 0 if it is due. */
  get remaining() {
    return this.#ended.signal.aborted ? 0 : Math.max(0, this.#dueAt - performance.now());
  }

  /**
   * Waits until the pause is over or was ended early.
   * @param {AbortSignal} [signal] Ends the wait of this caller alone, which is then rejected.
   */
  async wait(signal) {
    await delay(this.remaining, signal, this.#ended.signal);
  }

  /** Ends the pause early: the session that it was about is gone. */
  end() {
    this.#ended.abort();
  }
}

/**
 * A logout that the server has not confirmed. With a cookie a mark stays in the store until then, because only the server can
 * remove the cookie.
 */
class PendingLogout {
  #server; #store; #lock; #usesCookie;
  /** @type {Promise<void> | null} */ #sending = null;
  #dueAt = 0;

  /**
   * @param {Server} server
   * @param {Store} store
   * @param {Lock} lock
   * @param {boolean} usesCookie
   */
  constructor(server, store, lock, usesCookie) {
    this.#server = server;
    this.#store = store;
    this.#lock = lock;
    this.#usesCookie = usesCookie;
  }

  /**
   * Sends a logout until the server has confirmed it; rejects after 10 seconds without success.
   * @param {Kept} kept The session.
   */
  start(kept) {
    const mark = { ...kept, leaving: true };
    this.#store.write(this.#usesCookie ? mark : null);
    const sending = this.#send(mark).finally(() => { this.#sending = this.#sending === sending ? null : this.#sending; });
    this.#sending = sending;
    return sending;
  }

  /** Waits for a logout that is under way, and sends one again that has failed. Never rejects. */
  async settle() {
    const kept = this.#store.read();
    try {
      await (this.#sending ?? (kept?.leaving && performance.now() >= this.#dueAt && this.start(kept)));
    } catch {
      // The mark is still there for the next time.
    }
  }

  /** @param {Kept} mark */
  async #send(mark) {
    const start = performance.now();
    const schedule = new RetrySchedule();
    for (;;) {
      try {
        return await this.#lock.run(() => this.#sendOnce(mark, schedule.timeout));
      } catch (error) {
        const wait = schedule.waitAfter(error);
        if (wait === null || performance.now() + wait - start > LOGOUT_BUDGET) {
          this.#dueAt = performance.now() + retryAfterOf(error);
          throw error;
        }

        await delay(wait);
      }
    }
  }

  /**
   * @param {Kept} mark
   * @param {number} timeout
   */
  async #sendOnce(mark, timeout) {
    if (!this.#usesCookie) {
      return this.#post(timeout, { refreshToken: mark.refreshToken });
    }

    // Without the mark the cookie belongs to a newer session.
    if (this.#store.holds(mark)) {
      await this.#post(timeout).catch(unlessCookieIsMissing);
    }

    if (this.#store.holds(mark)) {
      this.#store.write(null);
    }
  }

  /**
   * @param {number} timeout
   * @param {object} [body]
   * @returns {Promise<void>}
   */
  #post(timeout, body) {
    const signal = AbortSignal.timeout(timeout);
    return unlessAborted(this.#server.post('logout', body, signal), signal);
  }
}

/** Messages between the tabs of a browser. Without a BroadcastChannel there are none. */
class Tabs {
  /** @type {BroadcastChannel | null} */ #channel;
  /** @type {(() => void) | null} */ #onAnswer = null;

  /** @param {string | null} name The name of the channel; null for none. */
  constructor(name) {
    this.#channel = name && globalThis.BroadcastChannel ? new BroadcastChannel(name) : null;
  }

  get isOpen() {
    return this.#channel !== null;
  }

  /**
   * Calls the receiver with each message of another tab.
   * @param {(message: Message) => void} receive
   */
  listen(receive) {
    if (this.#channel) {
      this.#channel.onmessage = ({ data }) => {
        receive(data.type === 'tokens' ? { ...data, held: fromTimeOfDay(data.held) } : data);
      };
    }
  }

  /** @param {object} message A `Message`, whose times are of the day. */
  post(message) {
    this.#channel?.postMessage(message);
  }

  /**
   * Sends an access token to the other tabs.
   * @param {Held} held
   * @param {Kept | null} kept The stored part, if each tab has a store of its own.
   */
  share(held, kept) {
    this.post({ type: 'tokens', held: toTimeOfDay(held), kept });
  }

  /**
   * Asks the other tabs for the tokens of a session, and waits for an answer for up to 100 milliseconds.
   * @param {string} id
   */
  async ask(id) {
    await Promise.race([delay(100), new Promise((resolve) => {
      this.#onAnswer = () => resolve(undefined);
      this.post({ type: 'ask', id });
    })]);
    this.#onAnswer = null;
  }

  /** Ends the wait of `ask`: the tokens have arrived. */
  answered() {
    this.#onAnswer?.();
  }

  close() {
    this.#channel?.close();
    this.#channel = null;
  }
}

/** Runs one work at a time: over all tabs by a Web Lock, or within this page without one. */
class TabLock {
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
   * Waits for the lock for up to 5 seconds, then works without it. A refresh saves a request by it, and is correct without.
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async run(work) {
    const waiting = new AbortController();
    const timer = setTimeout(() => waiting.abort(), LOCK_TIMEOUT);
    let entered = false;
    const enter = () => {
      entered = true;
      clearTimeout(timer);
      return work();
    };
    try {
      return await (this.#locks
        ? this.#locks.request(this.#name, { signal: waiting.signal }, enter)
        : this.#runHere(waiting.signal, enter));
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
  async #runHere(signal, work) {
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

/** @type {Lock} */
const NO_LOCK = { run: (work) => work() };

/** The requests that carry no access token. */
class Server {
  #send; #store; #cookie;

  /**
   * @param {URL} address
   * @param {typeof globalThis.fetch} send
   * @param {Store} store Keeps the device token.
   * @param {CookieTransport} cookie The cookie that has the session. The device token is in another then.
   */
  constructor(address, send, store, cookie) {
    this.address = address;
    this.#send = send;
    this.#store = store;
    this.#cookie = cookie;
  }

  /**
   * @param {string} path A path that takes no access token.
   * @param {object} [body]
   * @param {AbortSignal | null} [signal]
   * @returns {Promise<any>}
   */
  post(path, body, signal = null) {
    const isLogin = LOGIN_PATHS.includes(path);
    const answersWithTokens = isLogin || path === 'refresh';
    const sendsCookie = this.#cookie && (answersWithTokens || path === 'logout');
    const query = this.#cookie && answersWithTokens ? `?transport=${this.#cookie}` : '';
    const request = new Request(new URL(path + query, this.address), {
      ...requestOf('POST', body),
      credentials: sendsCookie ? 'include' : 'omit',
      // A logout has to arrive even if its page is closed.
      keepalive: path === 'logout',
      signal,
    });
    return resultOf(isLogin ? this.#sendFromDevice(request) : this.#send(request));
  }

  /**
   * @param {string} path `PASSWORD_PATH` or `PROOF_PATH`.
   * @param {object} body
   * @param {Held} held
   * @returns {Promise<any>} The new pair; undefined if no refresh token came along.
   */
  replaceTokens(path, body, held) {
    const address = new URL(this.#cookie ? `${path}?transport=cookie` : path, this.address);
    const credentials = this.#cookie ? 'include' : 'omit';
    const request = new Request(address, { ...requestOf('POST', body), credentials });
    return resultOf(this.#sendFromDevice(authorized(request, held)));
  }

  /**
   * Sends a request with the device token, and keeps that of the answer. A cookie is the browser's business.
   * @param {Request} request
   */
  async #sendFromDevice(request) {
    const { deviceToken } = this.#store;
    if (deviceToken && !this.#cookie) {
      request.headers.set(DEVICE_HEADER, deviceToken);
    }

    const response = await this.#send(request);
    const next = response.headers.get(DEVICE_HEADER);
    if (next) {
      this.#store.deviceToken = next;
    }

    return response;
  }
}

/**
 * The part of a session that outlives a page, and the device token, which outlives the session. Falls back to memory if the
 * storage is blocked, full, absent or edited by hand.
 */
class Store {
  #area; #key; #isCommon;
  /** @type {string | null} */ #copy = null;

  /**
   * @param {StorageChoice} choice
   * @param {string} key
   */
  constructor(choice, key) {
    this.#key = key;
    this.#isCommon = choice === 'cookie' || choice === 'localStorage';
    try {
      this.#area = areaOf(choice);
      this.#area?.getItem(key);
    } catch {
      this.#area = null;
    }

    if (typeof choice === 'object' && answersLater(choice, key)) {
      throw new TypeError('The methods of storage return promises: give an object that answers from memory.');
    }
  }

  /** True if all tabs of an origin read the same. */
  get isShared() {
    return this.#isCommon && Boolean(this.#area);
  }

  /** @returns {Kept | null} */
  read() {
    const { deviceToken, ...kept } = this.#content();
    return typeof kept.id === 'string' ? /** @type {Kept} */ (kept) : null;
  }

  /** @param {Kept | null} kept */
  write(kept) {
    this.#put({ ...kept, deviceToken: this.deviceToken });
  }

  /**
   * The device token of the last login. Its content is the server's. Undefined for a text that no header can have.
   * @returns {string | undefined}
   */
  get deviceToken() {
    const { deviceToken } = this.#content();
    return typeof deviceToken === 'string' && /^[!-~]+$/.test(deviceToken) ? deviceToken : undefined;
  }

  set deviceToken(deviceToken) {
    this.#put({ ...this.read(), deviceToken });
  }

  /** @returns {Record<string, unknown>} */
  #content() {
    try {
      return JSON.parse((this.#area ? this.#area.getItem(this.#key) : this.#copy) ?? '{}') ?? {};
    } catch {
      return {};
    }
  }

  /** @param {Partial<Kept> & { deviceToken: string | undefined }} content */
  #put(content) {
    const text = content.id || content.deviceToken ? JSON.stringify(content) : null;
    try {
      text ? this.#area?.setItem(this.#key, text) : this.#area?.removeItem(this.#key);
    } catch {
      this.#area = null;
    }

    this.#copy = text;
  }

  /**
   * True if nothing was written since this was read.
   * @param {Kept | null} kept
   */
  holds(kept) {
    return JSON.stringify(this.read()) === JSON.stringify(kept);
  }
}

/**
 * @param {StorageChoice} choice
 * @returns {TokenStorage | null | undefined} Null for memory; undefined if this place has no such storage, such as a worker.
 */
function areaOf(choice) {
  return typeof choice === 'object' ? choice
    : choice === 'memory' ? null
      : choice === 'sessionStorage' ? globalThis.sessionStorage : globalThis.localStorage;
}

/**
 * Throws for a choice that would silently be another storage, or none.
 * @param {StorageChoice} choice
 */
function throwUnlessStorage(choice) {
  const isStorage = typeof choice === 'object' && ['getItem', 'setItem', 'removeItem'].every(
    (name) => typeof choice?.[/** @type {keyof TokenStorage} */ (name)] === 'function');
  if (!isStorage && !['cookie', 'memory', 'sessionStorage', 'localStorage'].includes(/** @type {string} */ (choice))) {
    throw new TypeError('storage must be cookie, memory, sessionStorage, localStorage, or an object with their three methods.');
  }
}

/**
 * True if a session cookie is asked for. Throws for an unknown transport, and for a storage that would have nothing to keep.
 * @param {string} transport
 * @param {StorageChoice | undefined} storage
 */
function isSession(transport, storage) {
  if (!['tokens', 'session'].includes(transport) || (transport === 'session' && storage !== undefined)) {
    throw new TypeError("transport must be tokens or session. With session there is no token, so leave storage out.");
  }

  return transport === 'session';
}

/**
 * True in a page that can ask for passkeys: one of HTTPS or `localhost`, in a browser that has Web Authentication.
 * @returns {boolean}
 */
export function supportsPasskeys() {
  return Boolean(globalThis.PublicKeyCredential && globalThis.navigator?.credentials);
}

/**
 * True if the browser can offer passkeys in a field, for `loginByPasskey()` with the mediation `conditional`.
 * @returns {Promise<boolean>}
 */
export async function supportsPasskeyOffers() {
  return supportsPasskeys() && 'any' in AbortSignal
    && Boolean(await PublicKeyCredential.isConditionalMediationAvailable?.());
}

function throwUnlessPasskeys() {
  if (!supportsPasskeys()) {
    throw new TypeError('Passkeys need a page of HTTPS or localhost, in a browser that has Web Authentication.');
  }
}

/**
 * The offer of passkeys in a field. It is the page's, as the browser's question is, and not that of one client.
 * @type {AbortController | null}
 */
let offer = null;

/** Ends the offer, because browsers refuse a second question. */
function endOffer() {
  offer?.abort();
}

/**
 * @typedef {(signal?: AbortSignal) => Promise<{ state: string | null, options: any }>} Begin Fetches options for a passkey.
 * @typedef {{ state: string, credential: object }} PasskeyAnswer
 */

/**
 * Asks the user for a passkey.
 * @param {Begin} begin
 * @param {{ mediation?: Mediation | undefined, signal?: AbortSignal | undefined }} how
 * @returns {Promise<PasskeyAnswer>}
 */
async function askForPasskey(begin, { mediation, signal }) {
  throwUnlessPasskeys();
  const { state, options } = await begin();
  if (!state) {
    throw new AuthError(0, { code: 'not_found', detail: 'The account has no passkey.' });
  }

  endOffer();
  const question = { publicKey: requestOptionsOf(options), ...(mediation && { mediation }), ...(signal && { signal }) };
  return { state, credential: toJson(await navigator.credentials.get(question)) };
}

/**
 * Offers passkeys in a field until the user takes one. The offer gets new options before the server would refuse its answer.
 * @param {Begin} begin
 * @param {AbortSignal} [signal]
 * @returns {Promise<PasskeyAnswer>}
 */
async function offerPasskey(begin, signal) {
  throwUnlessPasskeys();
  endOffer();
  const own = new AbortController();
  offer = own;
  const ended = AbortSignal.any([own.signal, ...(signal ? [signal] : [])]);
  try {
    for (;;) {
      const { state, options } = await begin(ended);
      const limit = AbortSignal.timeout(OFFER_TIME);
      const question = { publicKey: requestOptionsOf(options), signal: AbortSignal.any([ended, limit]) };
      try {
        const credential = await navigator.credentials.get({ ...question, mediation: 'conditional' });
        return { state: /** @type {string} */ (state), credential: toJson(credential) };
      } catch (error) {
        if (!limit.aborted || ended.aborted) {
          throw error;
        }
      }
    }
  } finally {
    offer = offer === own ? null : offer;
  }
}

/**
 * Options as the browser takes them. Safari before 18.4 does not read JSON. Source: Web Authentication Level 3 §5.1.9.
 * @param {any} options
 * @returns {PublicKeyCredentialRequestOptions}
 */
function requestOptionsOf(options) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) {
    return PublicKeyCredential.parseRequestOptionsFromJSON(options);
  }

  const { challenge, allowCredentials = [], ...rest } = options;
  return { ...rest, challenge: bytesOf(challenge), allowCredentials: allowCredentials.map(withBytes) };
}

/**
 * Options to make a passkey, as the browser takes them. Source: Web Authentication Level 3 §5.1.8.
 * @param {any} options
 * @returns {PublicKeyCredentialCreationOptions}
 */
function creationOptionsOf(options) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) {
    return PublicKeyCredential.parseCreationOptionsFromJSON(options);
  }

  const { challenge, user, excludeCredentials = [], ...rest } = options;
  return {
    ...rest, challenge: bytesOf(challenge), user: withBytes(user), excludeCredentials: excludeCredentials.map(withBytes),
  };
}

/**
 * The JSON of a passkey's answer. Safari before 18.4 does not make it. Some password managers, which answer in place of the
 * browser, don't either. Source: §5.1.6.
 * @param {any} credential
 * @returns {object}
 */
function toJson(credential) {
  return tried(() => credential.toJSON()) ?? {
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    authenticatorAttachment: tried(() => credential.authenticatorAttachment) ?? undefined,
    clientExtensionResults: tried(() => credential.getClientExtensionResults()) ?? {},
    response: {
      ...Object.fromEntries(['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']
        .map((name) => [name, tried(() => credential.response[name])])
        .map(([name, bytes]) => [name, bytes ? textOf(bytes) : undefined])),
      transports: tried(() => credential.response.getTransports()),
    },
  };
}

/**
 * The result of a read; undefined if it fails, as that of a member that an imitation has not replaced.
 * @template T
 * @param {() => T} read
 * @returns {T | undefined}
 */
function tried(read) {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** @param {{ id: string }} named */
function withBytes(named) {
  return { ...named, id: bytesOf(named.id) };
}

/** @param {string} text Base64url. */
function bytesOf(text) {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
}

/**
 * @param {ArrayBuffer} bytes
 * @returns {string} Base64url without padding.
 */
function textOf(bytes) {
  const chars = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte));
  return btoa(chars.join('')).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/**
 * True if a method of a storage returns a promise. Each of them leaves the storage as it is.
 * @param {TokenStorage} storage
 * @param {string} key
 */
function answersLater(storage, key) {
  /** @type {(value: unknown) => boolean} */
  const isPromise = (value) => typeof Object(value).then === 'function';
  try {
    const text = storage.getItem(key) ?? null;
    return isPromise(text) || isPromise(storage.setItem(key, text ?? 'null'))
      || (text === null && isPromise(storage.removeItem(key)));
  } catch {
    // It is full or blocked. The first write finds that too.
    return false;
  }
}

/**
 * True for names of this device, whose Secure cookies browsers keep without TLS. Source: Secure Contexts §3.1.
 * @param {string} hostname The host as the URL Standard writes it.
 */
function isLoopback(hostname) {
  return /(^|\.)localhost\.?$/.test(hostname) || /^127(\.\d+){3}$/.test(hostname) || hostname === '[::1]';
}

/**
 * @param {string | URL | undefined} server
 * @param {string | undefined} page
 */
function addressOf(server, page) {
  if (!server && !page) {
    throw new TypeError('Set server: outside of a page there is no default.');
  }

  // A worker made of a blob has an address that nothing is relative to, and the origin of its page.
  const base = page?.startsWith('blob:') ? new URL(page).origin : page;
  return new URL(`${server ?? '/'}`.replace(/\/?$/, '/'), base);
}

/**
 * @param {string} method
 * @param {object} [body]
 * @returns {RequestInit}
 */
function requestOf(method, body) {
  // A request to the server is for the server alone: a redirect is an error.
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
 * The JSON of a response; undefined for a response without a body.
 * @param {Promise<Response>} sent
 */
async function resultOf(sent) {
  const response = await sent;
  if (response.status === 204 || response.status === 202) {
    return undefined;
  }

  if (!response.ok) {
    const problem = await problemOf(response);
    const Refusal = problem.challenge ? StepError : AuthError;
    throw new Refusal(response.status, problem, secondsToWait(response.headers));
  }

  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new AuthError(response.status, {});
  }
}

/**
 * The error of a response, by its body, or by the challenge of another back end. The caller can still read the body.
 * @param {Response} response
 * @returns {Promise<{ code?: ErrorCode, detail?: string, reason?: EndReason, challenge?: string }>}
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
 * `Retry-After` in seconds; undefined for none. A date is measured from the response's own `Date`, because the clock of this
 * device may be wrong. A page of another origin may be unable to read `Date`. Source: RFC 9110 §10.2.3.
 * @param {Headers} headers
 */
function secondsToWait(headers) {
  const value = headers.get('Retry-After') ?? '';
  if (/^\d+$/.test(value)) {
    return Number(value);
  }

  const date = parseDate(value);
  const now = parseDate(headers.get('Date') ?? '');
  return Number.isNaN(date) ? undefined : Math.max(0, (date - (Number.isNaN(now) ? Date.now() : now)) / 1000);
}

/**
 * An HTTP date in milliseconds; NaN for any other text. One of its three formats names no zone. Source: RFC 9110 §5.6.7.
 * @param {string} value
 */
function parseDate(value) {
  return /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(value) ? Date.parse(value.endsWith('GMT') ? value : `${value} GMT`) : NaN;
}

/**
 * Milliseconds for which an answer wants no other request.
 * @param {unknown} error
 */
function retryAfterOf(error) {
  return error instanceof AuthError ? Math.min((error.retryAfter ?? 0) * 1000, LONGEST_RETRY_AFTER) : 0;
}

/**
 * A logout by a cookie that the browser no longer has is complete.
 * @param {unknown} error
 */
function unlessCookieIsMissing(error) {
  if (!(error instanceof AuthError && error.code === 'access_token_missing')) {
    throw error;
  }
}

/**
 * @param {Held} held
 * @returns {Session}
 */
function view({ id, accessToken, expiresIn, expiresAt, claims: known }) {
  const [header, claims] = known ? [{}, known] : accessToken.split('.').slice(0, 2).map(decode);
  const { sub, preferred_username: username, name, roles, admin } = claims;
  return { id, user: { id: sub, username, name, roles, admin }, accessToken, expiresIn, expiresAt, header, claims };
}

/** @param {string} part */
function decode(part) {
  return JSON.parse(new TextDecoder().decode(bytesOf(part)));
}

/**
 * The user of a session; undefined if an older version of this module stored it.
 * @param {Held | Kept} session
 * @returns {string | undefined}
 */
function userOf(session) {
  return 'accessToken' in session ? view(session).user.id : session.user;
}

/**
 * True if a request of one session may be sent in another: both are of one user.
 * @param {Held | Kept | null} owner
 * @param {Held} held
 */
function isSameUser(owner, held) {
  return owner !== null && (owner.id === held.id || userOf(owner) === userOf(held));
}

/**
 * @param {Held} held
 * @returns {Kept}
 */
function markOf(held) {
  return { id: held.id, user: view(held).user.id };
}

/**
 * @typedef {{ steady: number, ofDay: number }} Moment By `performance.now()` and by `Date.now()`.
 * @returns {Moment}
 */
function now() {
  return { steady: performance.now(), ofDay: Date.now() };
}

/**
 * Milliseconds that an access token still lives, at least. The steady clock stands still on some platforms while the device is
 * suspended, and the time of day can be set. The clock that has gone further counts. After the time of day was set back, a
 * suspend would go unnoticed, so the token counts as expired.
 * @param {Held} held
 */
function remainingOf({ expiresAt, expiresOn }) {
  const { steady, ofDay } = now();
  const isSetBack = expiresOn - ofDay > expiresAt - steady + CLOCK_TOLERANCE;
  return isSetBack ? 0 : Math.min(expiresAt - steady, expiresOn - ofDay);
}

/**
 * The steady clocks of pages begin at different moments, so tabs exchange the time of day.
 * @param {Held} held
 * @returns {Omit<Held, 'expiresOn'>}
 */
function toTimeOfDay({ expiresOn, ...held }) {
  return { ...held, expiresAt: expiresOn };
}

/**
 * @param {Omit<Held, 'expiresOn'>} held
 * @returns {Held}
 */
function fromTimeOfDay(held) {
  const { steady, ofDay } = now();
  return { ...held, expiresAt: steady + held.expiresAt - ofDay, expiresOn: held.expiresAt };
}

/**
 * Waits for a work that goes on for its other callers.
 * @template T
 * @param {Promise<T>} work
 * @param {AbortSignal} [signal] Ends this wait.
 * @returns {Promise<T>}
 */
async function unlessAborted(work, signal) {
  /** @type {() => void} */ let stop = () => {};
  try {
    return await Promise.race([work, new Promise((_, reject) => {
      stop = () => reject(signal?.reason);
      signal?.aborted ? stop() : signal?.addEventListener('abort', stop, { once: true });
    })]);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/**
 * A signal that also aborts after some time.
 * @param {AbortController} controller
 * @param {number} milliseconds
 */
function limited(controller, milliseconds) {
  const limit = AbortSignal.timeout(milliseconds);
  limit.addEventListener('abort', () => controller.abort(limit.reason), { once: true });
  return controller.signal;
}

/**
 * Waits for some time.
 * @param {number} milliseconds
 * @param {AbortSignal} [signal] Ends the wait, which is then rejected.
 * @param {AbortSignal} [early] Ends the wait with success.
 */
async function delay(milliseconds, signal, early) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let timer;
  try {
    await unlessAborted(new Promise((resolve) => {
      timer = setTimeout(resolve, milliseconds);
      early?.addEventListener('abort', resolve, { once: true });
    }), signal);
  } finally {
    clearTimeout(timer);
  }
}
