// @ts-check

/**
 * @typedef {object} EndedSessionListenerOptions
 * @property {string | URL} server Address of the auth server, with a path if it has one.
 * @property {string} name Name of the back end, as it was given to `resources add`.
 * @property {string} secret The secret that `resources add` has shown.
 * @property {number} [accessLifetime] Seconds that an access token lives, the server's `Tokens:AccessLifetime`: 20 by default.
 * @property {() => unknown} [onKeys] Called when the public keys of the server may have changed: after each connection, and when
 *   the server says so. It is called three times in 10 seconds, because a node may answer that has not read the change yet. If it
 *   throws, or its promise rejects, it is called again after 5 seconds.
 * @property {typeof globalThis.fetch} [fetch] Sends the requests.
 */

/** Milliseconds without a byte after which a connection counts as lost. The server sends an event every 5 seconds. */
const SILENCE = 12_000;

/** Milliseconds before the first attempt to connect again. Each further attempt waits twice as long. */
const MIN_PAUSE = 50;

/** The longest of these pauses in milliseconds. */
const MAX_PAUSE = 2000;

/** Calls for each change of keys, one with each beat. */
const KEY_CALLS = 3;

/** Seconds that an end is remembered beyond the life of a token, because the clocks of two nodes differ by 5 seconds each. */
const CLOCK_TOLERANCE = 10;

/**
 * Connects a back end to the server, which reports each session that ends. The connection is made again whenever it is lost,
 * and keeps the process running until `close()`.
 * @param {EndedSessionListenerOptions} options
 * @throws {TypeError} The name, the secret or a safe address is missing.
 */
export function listenForEndedSessions(options) {
  return new EndedSessionListener(options);
}

/** Knows the sessions that ended so recently that one of their access tokens may still live. */
export class EndedSessionListener {
  #request; #memory; #onKeys; #fetch;
  #ends = /** @type {Map<unknown, number>} */ (new Map());
  #connection = new AbortController();
  #resume = () => {};
  #pause = MIN_PAUSE;
  #isClosed = false;
  #isListening = false;
  #keyCalls = KEY_CALLS;
  /** @type {unknown} */ #failure;

  /** @param {EndedSessionListenerOptions} options */
  constructor({ server, name, secret, accessLifetime = 20, onKeys = () => {}, fetch = globalThis.fetch.bind(globalThis) }) {
    const address = new URL(server);
    address.pathname = `${address.pathname.replace(/\/$/, '')}/sessions/ended`;
    if (!name || !secret) {
      throw new TypeError('The feed of ended sessions needs the name of a back end and its secret.');
    }
    if (address.protocol !== 'https:' && !isLoopback(address.hostname)) {
      throw new TypeError(`The secret is sent by HTTPS only, or to this machine, but not to ${address.origin}.`);
    }
    this.#request = { address, headers: { Authorization: `Basic ${btoa(`${name}:${secret}`)}` } };
    this.#memory = (accessLifetime + CLOCK_TOLERANCE) * 1000;
    this.#onKeys = onKeys;
    this.#fetch = fetch;
    this.#run();
  }

  /** True if this back end hears of ends as they happen. Otherwise it accepts tokens of ended sessions until they expire. */
  get isListening() { return this.#isListening; }

  /** The failure of the last attempt to listen; undefined if there was none since the connection was made. */
  get failure() { return this.#failure; }

  /**
   * True if a session is known to have ended.
   * @param {unknown} sid The claim `sid` of an access token.
   */
  hasEnded(sid) { return this.#ends.has(sid); }

  /** Closes the connection for good. The ends so far stay known. */
  close() {
    this.#isClosed = true;
    this.#connection.abort();
    this.#resume();
  }

  async #run() {
    while (!this.#isClosed) {
      this.#keyCalls = KEY_CALLS;
      try {
        await this.#listen();
        this.#failure = new Error('The server has closed the feed of ended sessions.');
      } catch (error) {
        this.#failure = error;
      }
      this.#isListening = false;
      await this.#wait();
    }
  }

  async #listen() {
    const connection = this.#connection = new AbortController();
    const lose = () => connection.abort(new Error(`The server was silent for ${SILENCE} ms.`));
    let timer = setTimeout(lose, SILENCE);
    try {
      const { address, headers } = this.#request;
      const answer = await this.#fetch(address, { headers, redirect: 'error', signal: connection.signal });
      if (!answer.body || !answer.headers.get('Content-Type')?.startsWith('text/event-stream')) {
        throw new Error(`The server answered ${answer.status} in place of the feed of ended sessions.`);
      }
      const [reader, decoder] = [answer.body.getReader(), new TextDecoder()];
      let text = '';
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        clearTimeout(timer);
        timer = setTimeout(lose, SILENCE);
        const events = (text + decoder.decode(part.value, { stream: true })).split('\n\n');
        text = events.pop() ?? '';
        events.forEach((event) => this.#take(event));
      }
    } finally {
      clearTimeout(timer);
      connection.abort();
    }
  }

  /** @param {string} event Lines of a field each. Source: the section "Server-sent events" of the HTML standard. */
  #take(event) {
    const fields = new Map(event.split('\n').map((line) => /** @type {[string, string]} */ (line.split(/: ?(.*)/, 2))));
    switch (fields.get('event')) {
      case 'ended': return this.#remember(JSON.parse(fields.get('data') ?? '').sid);
      case 'beat': return this.#beat();
      case 'keys':
        this.#keyCalls = KEY_CALLS;
        this.#reloadKeys();
    }
  }

  /** The first beat follows the ends that had just happened at the connection. */
  #beat() {
    // A connection that breaks at once is not made again at once.
    this.#pause = this.#isListening ? MIN_PAUSE : this.#pause;
    this.#isListening = true;
    this.#failure = undefined;
    if (this.#keyCalls > 0) {
      this.#reloadKeys();
    }
    for (const [sid, until] of this.#ends) {
      if (until > performance.now()) {
        break;
      }
      this.#ends.delete(sid);
    }
  }

  /** @param {string} sid */
  #remember(sid) {
    // After a connection the server repeats ends that may be known. They are forgotten in the order of the map.
    if (!this.#ends.has(sid)) {
      this.#ends.set(sid, performance.now() + this.#memory);
    }
  }

  #reloadKeys() {
    this.#keyCalls--;
    Promise.resolve().then(this.#onKeys).catch(() => { this.#keyCalls ||= 1; });
  }

  async #wait() {
    if (!this.#isClosed) {
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, this.#pause);
        this.#resume = () => resolve(clearTimeout(timer));
      });
      this.#pause = Math.min(2 * this.#pause, MAX_PAUSE);
    }
  }
}

/** @param {string} hostname */
function isLoopback(hostname) {
  return /(^|\.)localhost\.?$/.test(hostname) || /^127(\.\d+){3}$/.test(hostname) || hostname === '[::1]';
}
