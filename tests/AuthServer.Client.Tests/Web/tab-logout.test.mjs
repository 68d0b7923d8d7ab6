// Logouts and logins of several tabs of one browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delivered, deliverTokens, login, me, openTab, stub, time } from './browser.mjs';
import { json, later, pair, problem } from './stub.mjs';

const noContent = () => new Response(null, { status: 204 });

for (const storage of ['cookie', 'localStorage']) {
  test(`Logout with ${storage} reaches other tabs despite late tokens`, async () => {
    const [one, two] = [openTab(storage), openTab(storage)];
    await login(one);
    await delivered();
    await two.logout();
    await delivered();
    await deliverTokens(storage);
    assert.deepEqual(one.changes, ['login s1', 'end']);
    assert.equal(await one.session(), null);
    assert.equal(await two.session(), null);
  });
}

test('Logout by cookie that fails keeps its mark for other tabs', async () => {
  const [one, two] = [openTab(), openTab()];
  await login(one);
  await delivered();
  stub.onLogout = () => problem(503, 'unavailable');
  await assert.rejects(time.until(one.logout()), { code: 'unavailable' });
  await delivered();
  assert.match([...localStorage.kept.values()][0], /leaving/);
  stub.onLogout = noContent;
  assert.equal(await two.session(), null);
  assert.equal(localStorage.kept.size, 0);
});

test('Login in another tab waits for logout, which removes cookie', async () => {
  const [one, two] = [openTab(), openTab()];
  await login(one);
  await delivered();
  const answer = later();
  stub.onLogout = () => answer;
  const leaving = one.logout();
  await delivered();
  stub.onLogin = () => pair(7, 's2');
  const entering = login(two, 'eve');
  await delivered();
  assert.equal(stub.of('/login').length, 1);
  answer.resolve(noContent());
  await leaving;
  await entering;
  assert.equal((await two.session()).id, 's2');
  assert.equal(localStorage.kept.size, 1);
});

/** A logout in one tab that waits for its first answer, while another user has logged in at another tab. */
async function overtaken() {
  navigator.locks = undefined;
  const [one, two] = [openTab(), openTab()];
  await login(one);
  await delivered();
  const answer = later();
  stub.onLogout = () => (stub.of('/logout').length === 1 ? answer : noContent());
  const leaving = one.logout();
  await delivered();
  stub.onLogin = () => pair(7, 's2');
  await login(two, 'eve');
  return { two, leaving, answer };
}

test('Logout without locks answered late keeps session of later login', async () => {
  const { two, leaving, answer } = await overtaken();
  answer.resolve(noContent());
  await leaving;
  assert.equal((await two.session()).id, 's2');
  assert.equal(localStorage.kept.size, 1);
});

test('Logout without locks is not sent again after another login', async () => {
  const { leaving, answer } = await overtaken();
  const sent = stub.of('/logout').length;
  answer.reject(new TypeError('fetch failed'));
  await time.until(leaving);
  assert.equal(stub.of('/logout').length, sent);
});

test('Logout by cookie waits for refresh, which may set cookie', async () => {
  const tab = openTab();
  await login(tab);
  const refresh = later();
  time.now = 20_000;
  stub.onRefresh = () => refresh;
  const call = tab.fetch(me);
  await delivered();
  const leaving = tab.logout();
  await delivered();
  assert.equal(stub.of('/logout').length, 0);
  refresh.resolve(pair(1));
  await leaving;
  await call;
  assert.equal(stub.of('/logout').length, 1);
  assert.equal(await tab.session(), null);
});

for (const [name, isExpired] of [['fresh', false], ['expired', true]]) {
  test(`Tab without channel finds logout with token that is ${name}`, async () => {
    const { BroadcastChannel } = globalThis;
    globalThis.BroadcastChannel = undefined;
    try {
      const [one, two] = [openTab(), openTab()];
      await login(one);
      assert.equal((await two.session()).id, 's1');
      await one.logout();
      time.now = isExpired ? 40_000 : 0;
      stub.onCall = (call) => (call.token ? problem(401, 'session_ended', { reason: 'logout' }) : json(401, {}));
      await two.fetch(me);
      assert.equal(await two.session(), null);
      assert.deepEqual(two.changes, ['login s1', 'end']);
    } finally {
      globalThis.BroadcastChannel = BroadcastChannel;
    }
  });
}

test('Login in another tab aborts refresh that it has not waited for', async () => {
  const one = openTab();
  await login(one);
  time.now = 20_000;
  stub.onRefresh = (_, { signal }) => new Promise((__, reject) => { signal.onabort = () => reject(signal.reason); });
  const call = one.fetch(me, { method: 'DELETE' });
  await delivered();
  navigator.locks = undefined;
  stub.onLogin = () => pair(7, 's2');
  await login(openTab(), 'eve');
  await delivered();
  assert.ok(stub.refreshes[0].signal.aborted);
  await call;
  assert.equal(stub.of('/me').at(-1).authorization, null);
  assert.equal((await one.session()).id, 's2');
  assert.equal(stub.refreshes.length, 1);
  assert.deepEqual(one.changes, ['login s1', 'login s2']);
});

test('Login in another tab ends pause of refresh', async () => {
  const one = openTab();
  await login(one);
  time.now = 20_000;
  stub.onRefresh = () => problem(503, 'unavailable', {}, { 'Retry-After': '20' });
  const call = one.fetch(me);
  await delivered();
  stub.onLogin = () => pair(7, 's2');
  await login(openTab(), 'eve');
  await delivered();
  await call;
  assert.equal(time.now, 20_000);
  assert.equal(stub.of('/me').at(-1).authorization, null);
});
