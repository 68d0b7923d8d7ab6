import { call, client, isForApplication, server } from './client.js';
import { $, element, tabStorage } from './dom.js';
import { find, text } from './texts.js';

const LEFT = 'authserver.left';
const DUE = 'authserver.due';
const ADDED = 'authserver.added';
const DUE_MS = 600_000;
const AGAIN_MS = 10_000;
let loaded = null;

/** The providers that users can log in by, once they are loaded. */
export let providers = [];

/** Shows a link for each provider. Without an answer of the server there is nothing to see, and it tries again later. */
export function showProviders() {
  loaded ??= loadProviders().catch(({ retryAfter = 0 }) => {
    setTimeout(() => { loaded = null; showProviders(); }, Math.max(AGAIN_MS, retryAfter * 1000));
  });
  return loaded;
}

async function loadProviders() {
  providers = await client.providers();
  $('providers').hidden = providers.length === 0;
  $('providers').replaceChildren(...providers.map((provider) => {
    const link = element('a', {
      className: 'button quiet', href: addressOf(provider), textContent: text('continueWith', { provider: provider.name }),
    });
    link.addEventListener('click', () => tabStorage.set(LEFT, provider.id));
    return link;
  }));
}

/**
 * The provider whose identity is to be linked once the user has logged in in another way; null for none. It outlives a login by
 * another provider, for which the browser leaves this page. A failure counts only if this tab has left for its provider.
 */
export function dueLink(failure) {
  if (failure?.code === 'email_taken' && failure.provider === tabStorage.get(LEFT)) {
    tabStorage.set(DUE, JSON.stringify({ provider: failure.provider, at: Date.now() }));
  }

  const { provider, at } = tabStorage.getJson(DUE);
  return Date.now() - at < DUE_MS ? provider : null;
}

/** The sentence about the failure of a login by a provider. */
export function messageOfFailure({ code, provider }) {
  const message = find(`external.${code}`) ?? find(`error.${code}`) ?? find('external.server_error');
  return message.replaceAll('{provider}', nameOf(provider));
}

/**
 * Begins to link an identity, for which the browser leaves this page. The option `join` links it only if its address is that of
 * the account.
 */
export async function link(provider, options = {}) {
  tabStorage.remove(LEFT);
  tabStorage.remove(DUE);
  const query = new URLSearchParams({ return_to: here(), ...options });
  const { location: next } = await call('POST', `external-logins/${provider}?${query}`);
  tabStorage.set(ADDED, provider);
  location.assign(next);
}

/** The name of a provider that this tab has left to link, if it is linked now. The browser may come back without its answer. */
export function takeAdded(externalLogins) {
  const added = externalLogins.find((login) => login.provider === tabStorage.get(ADDED));
  tabStorage.remove(ADDED);
  return added ? nameOf(added.provider) : null;
}

/** The name of a provider. */
export function nameOf(id) {
  return providers.find((provider) => provider.id === id)?.name ?? id;
}

/** True if this tab has left for a provider, to link an identity. */
export function hasLeft() {
  return tabStorage.get(ADDED) !== null;
}

function addressOf(provider) {
  // This page shows what failed, or goes on to the address that it was opened for.
  const query = new URLSearchParams({ return_to: here() });
  if (isForApplication) {
    query.set('transport', 'session');
  }

  return new URL(`login/external/${provider.id}?${query}`, server).href;
}

// Readers of an address disagree about backslashes, so the server refuses them. Tokens of mails and logins stay in this page.
function here() {
  return location.href.replace(/#(link|challenge|setup)=.*/, '').replaceAll('\\', '%5C');
}
