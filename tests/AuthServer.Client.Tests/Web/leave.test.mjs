// Logins for which the browser leaves the page: at the server, or by a provider.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { AuthError, createAuthClient } from '../../../src/AuthServer.Client.Web/authserver-client.js';
import { login, openFrontEnd, openTab, server, stub, time } from './browser.mjs';
import { json } from './stub.mjs';

const page = 'https://app.example.com/orders';
const failed = `${page}?error=access_denied&error_description=email_taken&provider=google&tab=2#last`;
let left, shown;

beforeEach(() => {
  left = [];
  shown = [];
  globalThis.addEventListener = (type, listener) => shown.push({ type, listener });
  globalThis.history = {
    state: { page: 7 },
    replaceState(state, _, to) { open(to.href); this.state = state; },
  };
  open(`${page}?tab=2#last`);
});

afterEach(() => {
  delete globalThis.addEventListener;
  delete globalThis.history;
});

function open(href) {
  globalThis.location = { href, assign: (to) => left.push(new URL(to)) };
}

for (const [name, leave, path] of [
  ['server', (tab, options) => tab.loginAtServer(options), '/'],
  ['provider', (tab, options) => tab.loginWith('google', options), '/login/external/google'],
]) {
  test(`Browser leaves for ${name}, and comes back to same page`, async () => {
    await leave(openTab());
    assert.deepEqual(left.map((to) => [to.origin, to.pathname]), [[server, path]]);
    assert.deepEqual([...left[0].searchParams], [['return_to', `${page}?tab=2#last`]]);
    assert.equal(stub.calls.length, 0);
  });

  test(`Browser that leaves for ${name} comes back where page wants it`, async () => {
    const tab = openTab();
    await leave(tab, { returnTo: '/basket' });
    await leave(tab, { returnTo: new URL('https://shop.example.com/?a=\\b#c') });
    assert.deepEqual(left.map((to) => to.searchParams.get('return_to')),
      ['https://app.example.com/basket', 'https://shop.example.com/?a=%5Cb#c']);
  });

  test(`Unconfirmed logout is settled before browser leaves for ${name}`, async () => {
    const tab = openTab();
    await login(tab);
    stub.onLogout = () => { throw new TypeError('fetch failed'); };
    await assert.rejects(time.until(tab.logout()), TypeError);
    stub.onLogout = () => new Response(null, { status: 204 });
    await leave(tab);
    assert.equal(stub.cookie, false);
    assert.equal(left.length, 1);
  });

  for (const storage of ['memory', 'sessionStorage', 'localStorage']) {
    test(`Browser does not leave for ${name} with storage ${storage}`, async () => {
      await assert.rejects(leave(openTab(storage)), TypeError);
      assert.deepEqual(left, []);
    });
  }

  test(`Browser does not leave for ${name} whose cookie it would not keep`, async () => {
    const client = createAuthClient({ server: 'http://auth.example.com', fetch: stub.fetch });
    await assert.rejects(leave(client), { code: 'cookie_needs_https' });
    client.close();
    assert.deepEqual(left, []);
  });
}

test('Page that is shown again as it was asks server again', async () => {
  const tab = openTab();
  assert.equal(await tab.session(), null);
  await tab.loginAtServer();
  await login(openFrontEnd());
  assert.deepEqual(shown.map(({ type }) => type), ['pageshow']);
  shown[0].listener();
  assert.equal((await tab.session()).user.username, 'ada');
});

test('Providers are listed', async () => {
  const providers = [{ id: 'google', name: 'Google' }, { id: 'kakao', name: '카카오' }];
  stub.onCall = () => json(200, { providers });
  assert.deepEqual(await openTab().providers(), providers);
  assert.deepEqual(stub.calls.map(({ path, credentials }) => [path, credentials]), [['/login/external', 'omit']]);
});

test('Failure of login is taken once', () => {
  open(failed);
  const tab = openTab();
  const failure = tab.takeLoginFailure();
  assert.ok(failure instanceof AuthError);
  assert.deepEqual([failure.code, failure.provider, failure.status], ['email_taken', 'google', 0]);
  assert.equal(location.href, `${page}?tab=2#last`);
  assert.deepEqual(history.state, { page: 7 });
  assert.equal(tab.takeLoginFailure(), null);
});

for (const query of [
  '', '?error=access_denied', '?error_description=email_taken&provider=google',
  '?error=a&error_description=Call+0900&provider=google', '?error=a&error_description=&provider=google',
  '?error=a&error_description=email_taken&provider=%3Cb%3E',
]) {
  test(`Address with query "${query}" of another sender is left alone`, () => {
    open(page + query);
    assert.equal(openTab().takeLoginFailure(), null);
    assert.equal(location.href, page + query);
  });
}
