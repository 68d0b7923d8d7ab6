// Tabs of one browser that share a session, and tabs that do not.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delivered, deliverTokens, locks, login, me, openTab, stub, time } from './browser.mjs';
import { areaOf, json, later, pair, tokenOf } from './stub.mjs';

for (const storage of ['cookie', 'localStorage']) {
  test(`Tabs with ${storage} share token that one of them got`, async () => {
    const [one, two] = [openTab(storage), openTab(storage)];
    await login(one);
    await delivered();
    assert.equal((await two.session()).id, 's1');
    time.now = 20_000;
    await one.fetch(me);
    await delivered();
    await two.fetch(me);
    assert.equal(stub.refreshes.length, 1);
    assert.deepEqual(stub.of('/me').map((call) => call.token), [tokenOf(1), tokenOf(1)]);
    assert.deepEqual(two.changes, ['login s1', 'refresh s1']);
  });

  test(`Tabs with ${storage} refresh one after another, by lock`, async () => {
    const [one, two] = [openTab(storage), openTab(storage)];
    await login(one);
    await delivered();
    time.now = 20_000;
    const answer = later();
    stub.onRefresh = () => answer;
    const calls = [one.fetch(me), two.fetch(me)];
    await delivered();
    assert.equal(stub.refreshes.length, 1);
    answer.resolve(pair(1));
    await calls[0];
    await delivered();
    await calls[1];
    assert.ok(locks.held >= 2);
  });
}

test('Tab that sleeps with lock is not waited for', async () => {
  const tab = openTab();
  await login(tab);
  time.now = 20_000;
  locks.request = (name, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  assert.equal((await time.until(tab.fetch(me))).status, 200);
  assert.equal(time.now, 25_000);
});

test('Tokens of another tab abort refresh, whose answer would replace cookie', async () => {
  const one = openTab();
  await login(one);
  time.now = 20_000;
  stub.onRefresh = (_, { signal }) => new Promise((__, reject) => { signal.onabort = () => reject(signal.reason); });
  const call = one.fetch(me);
  await delivered();
  navigator.locks = undefined;
  stub.onRefresh = (n) => pair(n);
  await openTab().fetch(me);
  await delivered();
  assert.ok(stub.refreshes[0].signal.aborted);
  await call;
  assert.equal(stub.of('/me').at(-1).token, tokenOf(2));
  assert.equal(stub.refreshes.length, 2);
});

test('Request of page before it knows its user is not sent as next user', async () => {
  const [one, two] = [openTab('localStorage'), openTab('localStorage')];
  await login(one);
  one.close();
  const reloaded = openTab('localStorage');
  two.close();
  const answer = later();
  stub.onRefresh = () => answer;
  const call = reloaded.fetch(me, { method: 'DELETE' });
  await delivered();
  stub.onLogin = () => pair(7, 's2');
  await login(openTab('localStorage'), 'eve');
  await delivered();
  answer.resolve(pair(1));
  await call;
  assert.equal(stub.of('/me').at(-1).authorization, null);
});

test('First request of reloaded page carries token of its session', async () => {
  const before = openTab();
  await login(before);
  before.close();
  await openTab().fetch(me);
  assert.equal(stub.of('/me').at(-1).token, tokenOf(1));
});

test('Message of former session does not replace newer one', async () => {
  const tab = openTab('localStorage');
  stub.onLogin = () => pair(7, 's2');
  await login(tab, 'eve');
  await deliverTokens('localStorage');
  assert.equal((await tab.session()).id, 's2');
});

test('Tabs share tokens after suspend, and use none from before it', async () => {
  const [one, two] = [openTab(), openTab()];
  await login(one);
  await delivered();
  time.ahead = 60_000;
  await one.session();
  await delivered();
  assert.equal((await two.session()).accessToken, tokenOf(1));
  time.ahead = 120_000;
  assert.equal((await two.session()).accessToken, tokenOf(2));
  assert.equal(stub.refreshes.length, 2);
});

test('Message that arrives late brings no expired token back', async () => {
  const tab = openTab();
  await login(tab);
  time.now = 60_000;
  await deliverTokens('cookie', performance.timeOrigin + 20_000);
  await tab.fetch(me);
  assert.equal(stub.of('/me').at(-1).token, tokenOf(1));
});

test('Clients with different storages do not disturb each other', async () => {
  const [page, app] = [openTab('cookie'), openTab('sessionStorage')];
  await login(app);
  await delivered();
  assert.equal(await page.session(), null);
  assert.equal(localStorage.kept.size, 0);
  stub.onLogin = () => pair(7, 's2');
  await login(page, 'eve');
  await delivered();
  assert.equal((await app.session()).id, 's1');
});

test('Storages of program in two tabs are two sessions', async () => {
  const [one, two] = [openTab(areaOf()), openTab(areaOf())];
  await login(one);
  stub.onLogin = () => pair(7, 's2');
  await login(two, 'eve');
  await delivered();
  assert.equal((await one.session()).id, 's1');
  assert.equal((await two.session()).id, 's2');
});

test('Duplicated tab asks its original before it refreshes', async () => {
  const original = openTab('sessionStorage');
  await login(original);
  const copy = new Map(sessionStorage.kept);
  for (time.now = 20_000; time.now < 100_000; time.now += 20_000) {
    await original.fetch(me);
  }

  const originals = globalThis.sessionStorage;
  globalThis.sessionStorage = areaOf(copy);
  const duplicate = openTab('sessionStorage');
  globalThis.sessionStorage = originals;
  time.now = 81_000;
  assert.equal((await duplicate.session()).id, 's1');
  assert.deepEqual(stub.presented, ['r0', 'r1', 'r2', 'r3']);
});

test('Closed client goes on alone', async () => {
  const [one, two] = [openTab(), openTab()];
  one.close();
  await login(one);
  await one.logout();
  await delivered();
  assert.deepEqual([one.changes, two.changes], [['login s1', 'end'], []]);
});

test('Storage that is blocked leaves each tab its own session', async () => {
  Object.defineProperty(globalThis, 'localStorage', { get() { throw new Error('SecurityError'); }, configurable: true });
  const tab = openTab('localStorage');
  await login(tab);
  time.now = 20_000;
  stub.onCall = () => json(200, {});
  assert.equal((await tab.fetch(me)).status, 200);
  assert.deepEqual(stub.presented, ['r0']);
});
