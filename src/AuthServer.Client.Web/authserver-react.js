// @ts-check
// Without JSX, so that it needs no build.
'use client';

import { createContext, createElement, Fragment, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { createAuthClient } from './authserver-client.js';

/**
 * @typedef {import('./authserver-client.js').AuthClient} AuthClient
 * @typedef {import('./authserver-client.js').AuthClientOptions} AuthClientOptions
 * @typedef {import('./authserver-client.js').Change} Change
 * @typedef {import('./authserver-client.js').Session} Session
 * @typedef {import('react').ReactElement} ReactElement
 * @typedef {import('react').ReactNode} ReactNode
 *
 * @typedef {object} Actions Functions that are the same at each render.
 * @property {AuthClient['login']} login Logs in by user name and password. If the result has `secondFactor`, no session is open.
 * @property {AuthClient['logout']} logout
 * @property {() => void} retry Asks the server again after an `error`.
 *
 * @typedef {object} Loading
 * @property {'loading'} status The server has not answered yet.
 * @property {null} session
 * @property {undefined} [end]
 * @property {unknown} [error] The last failure, such as a lost connection. The server is asked again by `retry()`, and when the
 *   browser is online again.
 *
 * @typedef {object} Authenticated
 * @property {'authenticated'} status
 * @property {Session} session The session by its newest access token: another object after each refresh. Its `user` stays the
 *   same object until something of the user changes.
 * @property {undefined} [end]
 * @property {undefined} [error]
 *
 * @typedef {object} Anonymous
 * @property {'anonymous'} status
 * @property {null} session
 * @property {Change | undefined} [end] The end of the session that this page had. It has a `code` unless the user has logged out.
 * @property {undefined} [error]
 *
 * @typedef {(Loading | Authenticated | Anonymous) & Actions} SessionState The session, and what can be done with it.
 */

/** A client as components see it. */
class Connection {
  /** @type {() => AuthClient} */ #create;
  /** @type {AuthClient | null} */ #client;
  /** @type {() => void} */ #disconnect = () => {};
  /** @type {Set<() => void>} */ #listeners = new Set();
  /** @type {SessionState} */ #state;
  /** @type {unknown} The snapshot of the client that the state was made of. */ #source = null;
  #providers = 0;

  /**
   * @param {AuthClient | null} client
   * @param {() => AuthClient} create Creates the client with its first use, so that a render that React discards creates none.
   */
  constructor(client, create) {
    this.#client = client;
    this.#create = create;
    this.#state = this.#loading;
  }

  get client() {
    this.#client ??= this.#create();
    return this.#client;
  }

  /** Connects the client with a provider. Returns the function that disconnects it. */
  connect() {
    if (this.#providers++ === 0) {
      const stop = this.client.subscribe(() => this.#update());
      globalThis.addEventListener?.('online', this.#retry);
      this.#disconnect = () => {
        stop();
        globalThis.removeEventListener?.('online', this.#retry);
      };
    }

    this.#update();
    return () => {
      if (--this.#providers === 0) {
        this.#disconnect();
      }
    };
  }

  /** True if a provider uses it. */
  get isConnected() {
    return this.#providers > 0;
  }

  /** @param {() => void} listener */
  subscribe = (listener) => {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  };

  /** The same object until something changes. */
  getSnapshot = () => {
    const source = this.#client?.getSnapshot();
    if (source && source !== this.#source) {
      this.#source = source;
      const { status, session, end } = source;
      this.#state = status === 'loading'
        ? this.#loading
        : /** @type {SessionState} */ ({ status, session, end, ...this.#actions });
    }

    return this.#state;
  };

  /** The state of a render on a server, and of the first one in a page that a server has rendered. */
  getServerSnapshot = () => this.#loading;

  /** @type {AuthClient['fetch']} */
  fetch = (input, init) => this.client.fetch(input, init);

  #retry = () => { this.#ask(); };

  /** @type {Actions} */
  #actions = {
    login: (credentials) => this.client.login(credentials),
    logout: (options) => this.client.logout(options),
    retry: this.#retry,
  };

  /** @type {Loading & Actions} */
  #loading = { status: 'loading', session: null, ...this.#actions };

  #update() {
    if (this.getSnapshot() === this.#loading) {
      this.#ask();
    }

    this.#notify();
  }

  /** Asks the server for the session, unless this page knows it. All questions at a time are one request of the client. */
  async #ask() {
    if (this.getSnapshot().status !== 'loading') {
      return;
    }

    this.#setLoading(this.#loading);
    try {
      await this.client.session();
    } catch (error) {
      this.#setLoading({ ...this.#loading, error });
    }
  }

  /** @param {SessionState} state */
  #setLoading(state) {
    const current = this.getSnapshot();
    if (current.status === 'loading' && current !== state) {
      this.#state = state;
      this.#notify();
    }
  }

  #notify() {
    this.#listeners.forEach((listener) => listener());
  }
}

/** @type {WeakMap<AuthClient, Connection>} One for each client, so that its functions stay the same. */
const connections = new WeakMap();

/** @param {AuthClient} client */
function connectionOf(client) {
  const connection = connections.get(client) ?? new Connection(client, () => client);
  connections.set(client, connection);
  return connection;
}

const Context = createContext(/** @type {Connection | null} */ (null));

function useConnection() {
  const connection = useContext(Context);
  if (!connection) {
    throw new Error('Put <AuthProvider> around the components that use authserver-client/react.');
  }

  return connection;
}

/**
 * Gives a client to the components in it, and asks the server for the session.
 * @param {{ client?: AuthClient, options?: AuthClientOptions, children?: ReactNode }} props `client` is made outside of
 *   components. Without it, the provider makes one by the `options` of its first render, and closes it when it is removed.
 * @returns {ReactElement}
 */
export function AuthProvider({ client, options, children }) {
  const [own] = useState(() => new Connection(null, () => createAuthClient(options)));
  const connection = client ? connectionOf(client) : own;
  useEffect(() => {
    const disconnect = connection.connect();
    return () => {
      disconnect();
      if (connection === own) {
        // Strict mode connects it again at once.
        setTimeout(() => own.isConnected || own.client.close());
      }
    };
  }, [connection, own]);
  return createElement(Context.Provider, { value: connection }, children);
}

/**
 * The session of the user. The component is rendered again when it changes.
 * @returns {SessionState}
 */
export function useSession() {
  const { subscribe, getSnapshot, getServerSnapshot } = useConnection();
  return useSyncExternalStore(subscribe, getSnapshot, getServerSnapshot);
}

/**
 * `fetch` with the access token. It is the same function at each render, so effects can depend on it.
 * @returns {AuthClient['fetch']}
 */
export function useAuthFetch() {
  return useConnection().fetch;
}

/**
 * The client, for everything else. A render on a server has none if the provider got `options` without `server`.
 * @returns {AuthClient}
 */
export function useAuthClient() {
  return useConnection().client;
}

/**
 * Shows its children to users who are logged in. After a login of another user, the children begin again without any state.
 * @param {{ fallback?: ReactNode, loading?: ReactNode, children?: ReactNode }} props `fallback` is shown if there is no session,
 *   and `loading` until the server has answered.
 * @returns {ReactElement}
 */
export function RequireSession({ fallback = null, loading = null, children }) {
  const { status, session } = useSession();
  switch (status) {
    case 'authenticated':
      return createElement(Fragment, { key: session.user.id }, children);
    case 'anonymous':
      return createElement(Fragment, null, fallback);
    default:
      return createElement(Fragment, null, loading);
  }
}
