// The provider, the hooks and the guard for React.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { channels, credentials, delivered, me, openTab, options, stub, text } from './page.mjs';
import { acting, h, render } from './rendering.mjs';
import { StrictMode, useEffect, useState } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { AuthProvider, RequireSession, useAuthClient, useAuthFetch, useSession } from 'authserver-client/react';
import { later, pair, problem } from '../Web/stub.mjs';

let rendered = [];
let mounted = [];
let latest;

/** Renders the session as text, and records what the hooks return. */
function Probe() {
  latest = useSession();
  rendered.push({ session: latest, fetch: useAuthFetch() });
  return `${latest.status} ${latest.session?.user.name ?? ''} ${latest.end?.reason ?? ''}`.trim();
}

async function mount(props, children = h(Probe), { strict = true } = {}) {
  const app = h(AuthProvider, props, children);
  const page = await render(strict ? h(StrictMode, null, app) : app);
  mounted.push(page);
  return page;
}

afterEach(async () => {
  for (const page of mounted) {
    await page.unmount();
  }

  [rendered, mounted] = [[], []];
});

const login = (client) => acting(() => client.login(credentials));

test('Provider in strict mode makes one client and one refresh', async () => {
  stub.cookie = true;
  await mount({ options: options() });
  assert.equal(text(), 'authenticated ada');
  assert.equal(stub.refreshes.length, 1);
  assert.equal(channels.size, 1);
});

test('Provider in strict mode refreshes client of program once', async () => {
  stub.cookie = true;
  await mount({ client: openTab() });
  assert.equal(text(), 'authenticated ada');
  assert.equal(stub.refreshes.length, 1);
});

test('Two providers of one client share it', async () => {
  stub.cookie = true;
  const client = openTab();
  const [one, two] = [await mount({ client }), await mount({ client })];
  await one.unmount();
  await acting(() => client.logout());
  assert.equal(text(), 'anonymous');
  await two.unmount();
  assert.equal(stub.refreshes.length, 1);
});

test('Page is loading until server answers', async () => {
  stub.cookie = true;
  const answer = later();
  stub.onRefresh = () => answer;
  await mount({ client: openTab() });
  assert.equal(text(), 'loading');
  await acting(() => answer.resolve(pair(1)));
  assert.equal(text(), 'authenticated ada');
});

test('Login renders session without reload', async () => {
  await mount({ client: openTab() });
  assert.equal(text(), 'anonymous');
  await acting(() => latest.login(credentials));
  assert.equal(text(), 'authenticated ada');
});

test('Reloaded page finds session again', async () => {
  await login(openTab());
  await mount({ client: openTab() });
  assert.equal(text(), 'authenticated ada');
});

test('Logout renders anonymous without code of end', async () => {
  const client = openTab();
  await mount({ client });
  await login(client);
  await acting(() => latest.logout());
  assert.equal(text(), 'anonymous');
  assert.deepEqual(latest.end, { type: 'end' });
});

test('Login and logout in another tab are rendered', async () => {
  const other = openTab();
  await mount({ client: openTab() });
  await login(other);
  assert.equal(text(), 'authenticated ada');
  await acting(() => other.logout());
  assert.equal(text(), 'anonymous');
});

test('Refresh that is refused renders anonymous with its reason', async () => {
  const client = openTab();
  await mount({ client });
  await login(client);
  stub.onCall = () => problem(401, 'access_token_expired');
  stub.onRefresh = () => problem(401, 'session_ended', { reason: 'password_changed' });
  await acting(() => client.fetch(me));
  assert.equal(text(), 'anonymous password_changed');
  assert.equal(latest.end.code, 'session_ended');
});

test('Hooks return same objects until something changes', async () => {
  const client = openTab();
  const page = await mount({ client });
  await login(client);
  const before = rendered.at(-1);
  await page.rerender(h(StrictMode, null, h(AuthProvider, { client }, h(Probe))));
  assert.equal(rendered.at(-1).session, before.session);
  stub.onCall = ({ token }) => (token === before.session.session.accessToken ? problem(401, 'access_token_expired') : pair(0));
  await acting(() => before.fetch(me));
  const after = rendered.at(-1);
  assert.notEqual(after.session, before.session);
  assert.equal(after.session.session.user, before.session.session.user);
  assert.deepEqual(
    [after.fetch, after.session.login, after.session.logout, after.session.retry],
    [before.fetch, before.session.login, before.session.logout, before.session.retry]);
});

test('Components of one commit have same session', async () => {
  const client = openTab();
  const commits = [];
  const Pair = () => {
    const [one, two] = [useSession(), useSession()];
    useEffect(() => { commits.push(one === two); });
    return null;
  };
  await mount({ client }, [h(Pair, { key: 1 }), h(Pair, { key: 2 })]);
  await login(client);
  await acting(() => client.logout());
  assert.ok(commits.length >= 6);
  assert.ok(commits.every(Boolean));
});

test('Removed provider renders nothing more and keeps client of program', async () => {
  const client = openTab();
  const page = await mount({ client });
  await page.unmount();
  const before = rendered.length;
  await login(client);
  await delivered();
  assert.equal(rendered.length, before);
  assert.equal(channels.size, 1);
});

test('Removed provider closes client of its own', async () => {
  const page = await mount({ options: options() });
  assert.equal(channels.size, 1);
  await page.unmount();
  await delivered();
  assert.equal(channels.size, 0);
});

test('Provider that is rendered again keeps its client', async () => {
  stub.cookie = true;
  const page = await mount({ options: options() });
  await page.rerender(h(StrictMode, null, h(AuthProvider, { options: options() }, h(Probe))));
  await delivered();
  assert.deepEqual([text(), channels.size, stub.refreshes.length], ['authenticated ada', 1, 1]);
});

test('Removed provider listens to nothing more and asks nothing more', async () => {
  const client = openTab();
  const listening = new Set();
  const subscribe = client.subscribe.bind(client);
  client.subscribe = (listener) => {
    const stop = subscribe(listener);
    listening.add(listener);
    return () => { listening.delete(listener); stop(); };
  };
  stub.cookie = true;
  stub.onRefresh = () => problem(403, 'cross_site');
  const page = await mount({ client });
  assert.equal(listening.size, 1);
  await page.unmount();
  await acting(() => dispatchEvent(new window.Event('online')));
  assert.equal(listening.size, 0);
  assert.equal(stub.refreshes.length, 1);
});

test('Session in memory survives effects of strict mode', async () => {
  const LogIn = () => {
    const { login: logIn, status } = useSession();
    useEffect(() => { status === 'anonymous' && logIn(credentials); }, [status, logIn]);
    return h(Probe);
  };
  await mount({ options: { ...options(), storage: 'memory' } }, h(LogIn));
  assert.equal(text(), 'authenticated ada');
});

test('Provider takes another client', async () => {
  const [one, two] = [openTab({ storage: 'memory' }), openTab({ storage: 'memory' })];
  const page = await mount({ client: one });
  await login(two);
  assert.equal(text(), 'anonymous');
  await page.rerender(h(StrictMode, null, h(AuthProvider, { client: two }, h(Probe))));
  assert.equal(text(), 'authenticated ada');
  await acting(() => one.login(credentials));
  await acting(() => two.logout());
  assert.equal(text(), 'anonymous');
});

test('Guard shows loading, then fallback, then children', async () => {
  const answer = later();
  stub.cookie = true;
  stub.onRefresh = () => answer;
  await mount({ client: openTab() }, h(RequireSession, { loading: 'wait', fallback: 'log in' }, h(Probe)));
  assert.equal(text(), 'wait');
  await acting(() => answer.resolve(problem(401, 'refresh_token_missing')));
  assert.equal(text(), 'log in');
  assert.equal(rendered.length, 0);
  await login(openTab());
  assert.equal(text(), 'authenticated ada');
});

test('Guard gives next user children without state of former user', async () => {
  const client = openTab();
  const Draft = () => useState(() => useSessionName())[0];
  const useSessionName = () => client.getSnapshot().session.user.name;
  await login(client);
  await mount({ client }, h(RequireSession, null, h(Draft)));
  assert.equal(text(), 'ada');
  stub.onLogin = () => pair(7, 's2');
  await login(client);
  assert.equal(text(), 'eve');
});

for (const [name, ask] of [
  ['retry', () => latest.retry()],
  ['event that browser is online', () => dispatchEvent(new window.Event('online'))],
]) {
  test(`Failure is rendered and server is asked again by ${name}`, async () => {
    stub.cookie = true;
    stub.onRefresh = () => problem(403, 'cross_site');
    await mount({ client: openTab() });
    assert.equal(text(), 'loading');
    assert.equal(latest.error.code, 'cross_site');
    const answer = later();
    stub.onRefresh = () => answer;
    await acting(ask);
    assert.equal(latest.error, undefined);
    await acting(() => answer.resolve(pair(1)));
    assert.equal(text(), 'authenticated ada');
    assert.equal(stub.refreshes.length, 2);
  });
}

test('Render on server is loading and sends nothing', async () => {
  const app = h(AuthProvider, { options: options() }, h(RequireSession, { loading: 'wait' }, 'secret'));
  const html = renderToString(app);
  assert.equal(html, 'wait');
  assert.deepEqual([stub.calls.length, channels.size], [0, 0]);

  document.body.innerHTML = `<div>${html}</div>`;
  const failures = [];
  let root;
  await acting(async () => {
    root = hydrateRoot(document.body.firstChild, app, { onRecoverableError: (error) => failures.push(error.message) });
    await delivered();
  });
  assert.deepEqual([text(), failures], ['', []]);
  await acting(() => root.unmount());
});

test('Session that page knows is hydrated as loading first', async () => {
  const client = openTab();
  await login(client);
  const app = h(AuthProvider, { client }, h(Probe));
  document.body.innerHTML = `<div>${renderToString(app)}</div>`;
  assert.equal(text(), 'loading');
  const failures = [];
  let root;
  await acting(() => {
    root = hydrateRoot(document.body.firstChild, app, { onRecoverableError: (error) => failures.push(error.message) });
  });
  assert.deepEqual([text(), failures], ['authenticated ada', []]);
  await acting(() => root.unmount());
});

test('Client is given to components', async () => {
  const client = openTab();
  let given;
  const Reader = () => { given = useAuthClient(); };
  await mount({ client }, h(Reader));
  assert.equal(given, client);
});

test('Hook outside of provider throws sentence that helps', () => {
  assert.throws(() => renderToString(h(Probe)), /<AuthProvider>/);
});
