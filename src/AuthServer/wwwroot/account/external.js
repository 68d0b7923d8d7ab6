import { element } from './devices.js';
import { readJson } from './problems.js';
import { isForApplication } from './return.js';
import { find, text } from './texts.js';

const server = new URL('..', import.meta.url);
const list = document.getElementById('providers');
const linked = document.getElementById('linked');
const linkable = document.getElementById('linkable');
const LEFT = 'authserver.left';
const DUE = 'authserver.due';
const ADDED = 'authserver.added';
const DUE_MS = 600_000;
let providers = [];
let loaded = Promise.resolve();

/** Shows a link for each provider that users can log in by. Without providers, or the server, there is nothing to see. */
export function showProviders(client) {
  loaded = loadProviders(client).catch(() => {});
  return loaded;
}

async function loadProviders(client) {
  providers = await client.providers();
  list.hidden = providers.length === 0;
  list.replaceChildren(...providers.map((provider) => {
    const link = element('a', {
      className: 'quiet', href: addressOf(provider), textContent: text('continueWith', { provider: provider.name }),
    });
    link.addEventListener('click', () => sessionStorage.setItem(LEFT, provider.id));
    return link;
  }));
}

/**
 * The provider whose identity is to be linked once the user has logged in in another way; null for none. It outlives a login by
 * another provider, for which the browser leaves this page. A failure counts only if this tab has left for its provider.
 */
export function dueLink(failure) {
  if (failure?.code === 'email_taken' && failure.provider === sessionStorage.getItem(LEFT)) {
    sessionStorage.setItem(DUE, JSON.stringify({ provider: failure.provider, at: Date.now() }));
  }

  const { provider, at } = JSON.parse(sessionStorage.getItem(DUE) ?? '{}');
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
export async function link(provider, send, options = {}) {
  sessionStorage.removeItem(LEFT);
  sessionStorage.removeItem(DUE);
  const path = `external-logins/${provider}?${new URLSearchParams({ return_to: here(), ...options })}`;
  const { location: next } = await readJson(await send(path, { method: 'POST' }));
  sessionStorage.setItem(ADDED, provider);
  location.assign(next);
}

/**
 * Shows the identities that are linked, and the providers that can be. Returns the name of a provider that this tab has left to
 * link and that is linked now; null for none. The browser may come back without an answer of the provider.
 */
export async function showLinked(send, onUnlink, onLink) {
  const { externalLogins } = await readJson(await send('external-logins'));
  await loaded;
  document.getElementById('external').hidden = providers.length === 0 && externalLogins.length === 0;
  linked.replaceChildren(...externalLogins.map((login) => {
    const name = nameOf(login.provider);
    const button = element('button', { type: 'button', className: 'quiet', textContent: text('unlink') });
    button.setAttribute('aria-label', text('unlinkOf', { provider: name }));
    button.addEventListener('click', () => onUnlink(login));
    const facts = [element('strong', { textContent: name }), element('span', { textContent: login.name ?? '' })];
    return element('li', {}, ...facts, button);
  }));
  const open = providers.filter((provider) => !externalLogins.some((login) => login.provider === provider.id));
  linkable.replaceChildren(...open.map((provider) => {
    const button = element('button', {
      type: 'button', className: 'quiet', textContent: text('linkWith', { provider: provider.name }),
    });
    button.addEventListener('click', () => onLink(provider.id));
    return button;
  }));
  const added = externalLogins.find((login) => login.provider === sessionStorage.getItem(ADDED));
  sessionStorage.removeItem(ADDED);
  return added ? nameOf(added.provider) : null;
}

/** Unlinks an identity, and returns the name of its provider. */
export async function unlink(login, send) {
  await readJson(await send(`external-logins/${login.id}`, { method: 'DELETE' }));
  return nameOf(login.provider);
}

function addressOf(provider) {
  // This page shows what failed, or goes on to the address that it was opened for.
  const query = new URLSearchParams({ return_to: here() });
  if (isForApplication) {
    query.set('transport', 'session');
  }

  return new URL(`login/external/${provider.id}?${query}`, server).href;
}

// Readers of an address disagree about backslashes, so the server refuses them.
function here() {
  return location.href.replaceAll('\\', '%5C');
}

function nameOf(id) {
  return providers.find((provider) => provider.id === id)?.name ?? id;
}
