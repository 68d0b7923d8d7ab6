// Tabs of one browser, each a client of its own: node --test tabs.test.mjs

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { createAuthClient } from '../../../src/AuthServer.Client.Web/authserver-client.js';
import { json, later, pair, problem, Stub, tokenOf } from './stub.mjs';

const server = 'https://auth.example.com';
const me = `${server}/me`;
const { performance: platformTime } = globalThis;
let stub, now, tabs, locks;

/** Web Locks as browsers have them: whoever asks first holds it until its work is done. */
class Locks {
  #last = Promise.resolve();
  held = 0;

  async request(name, { signal }, work) {
    const before = this.#last;
    let leave;
    this.#last = Promise.all([before, new Promise((resolve) => { leave = resolve; })]);
    try {
      await Promise.race([before, new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))]);
      this.held++;
      return await work();
    } finally {
      leave();
    }
  }
}

function areaOf(kept = new Map()) {
  return { kept, getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };
}

beforeEach(() => {
  stub = new Stub();
  now = 0;
  tabs = [];
  locks = new Locks();
  globalThis.performance = { now: () => now, timeOrigin: 1_000_000 };
  globalThis.location = { href: `${server}/` };
  globalThis.localStorage = areaOf();
  globalThis.sessionStorage = areaOf();
  Object.defineProperty(globalThis, 'navigator', { value: { locks }, configurable: true, writable: true });
});

afterEach(() => {
  tabs.forEach((tab) => tab.close());
  globalThis.performance = platformTime;
  for (const name of ['location', 'localStorage', 'sessionStorage', 'navigator']) {
    delete globalThis[name];
  }
});

function openTab(storage = 'cookie') {
  const client = createAuthClient({ server, storage, fetch: stub.fetch });
  const tab = Object.assign(client, { changes: [] });
  client.onChange((session, { type }) => tab.changes.push(`${type} ${session?.id ?? ''}`.trim()));
  tabs.push(tab);
  return tab;
}

/** Lets messages between tabs arrive. */
async function delivered() {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => { setTimeout(resolve, 5); });
  }
}

const login = (tab, username = 'ada') => tab.login({ username, password: 'secret' });

for (const storage of ['cookie', 'localStorage']) {
  test(`Tabs with ${storage} use the token that one of them got`, async () => {
    const [one, two] = [openTab(storage), openTab(storage)];
    await login(one);
    await delivered();
    assert.equal((await two.session()).id, 's1');
    now = 20_000;
    await one.fetch(me);
    await delivered();
    await two.fetch(me);
    assert.equal(stub.refreshes.length, 1);
    assert.deepEqual(stub.of('/me').map((call) => call.token), [tokenOf(1), tokenOf(1)]);
    assert.deepEqual(two.changes, ['login s1', 'refresh s1']);
  });

  test(`Tabs with ${storage} that need a token at once ask one after the other, by the lock`, async () => {
    const [one, two] = [openTab(storage), openTab(storage)];
    await login(one);
    await delivered();
    now = 20_000;
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

  test(`Logout with ${storage} is heard in the other tab, and late tokens of it are not`, async () => {
    const [one, two] = [openTab(storage), openTab(storage)];
    await login(one);
    await delivered();
    const late = new BroadcastChannel(`authserver:${storage}:${server}/`);
    await two.logout();
    await delivered();
    late.postMessage({ type: 'tokens', held: { id: 's1', accessToken: tokenOf(9), expiresIn: 20, expiresAt: 9e9 }, kept: null });
    await delivered();
    late.close();
    assert.deepEqual(one.changes, ['login s1', 'end']);
    assert.equal(await one.session(), null);
    assert.equal(await two.session(), null);
  });
}

test('Tab that sleeps with the lock is not waited for', async () => {
  const tab = openTab();
  await login(tab);
  now = 20_000;
  locks.request = (name, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (work) => setTimeout(work, 0);
  try {
    assert.equal((await tab.fetch(me)).status, 200);
  } finally {
    globalThis.setTimeout = setTimeout;
  }
});

test('Logout by cookie that could not be told keeps its mark, whatever other tabs hear', async () => {
  const [one, two] = [openTab(), openTab()];
  await login(one);
  await delivered();
  stub.onLogout = () => problem(503, 'unavailable');
  const leaving = one.logout();
  await delivered();
  await assert.rejects(() => { now += 10_000; return leaving; }, { code: 'unavailable' });
  assert.match([...localStorage.kept.values()][0], /leaving/);
  stub.onLogout = () => new Response(null, { status: 204 });
  assert.equal(await two.session(), null);
  assert.equal(localStorage.kept.size, 0);
});

test('Logout that is answered late does not log out who has logged in meanwhile', async () => {
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
  assert.equal(stub.of('/login').length, 1, 'the login waits for the answer that takes the cookie');
  answer.resolve(new Response(null, { status: 204 }));
  await leaving;
  await entering;
  assert.equal((await two.session()).id, 's2');
  assert.equal(localStorage.kept.size, 1);
});

/** A logout in one tab whose first answer is open, while another user has logged in at the other. */
async function overtaken() {
  navigator.locks = undefined;
  const [one, two] = [openTab(), openTab()];
  await login(one);
  await delivered();
  const answer = later();
  stub.onLogout = () => (stub.of('/logout').length === 1 ? answer : new Response(null, { status: 204 }));
  const leaving = one.logout();
  await delivered();
  stub.onLogin = () => pair(7, 's2');
  await login(two, 'eve');
  return { two, leaving, answer };
}

test('Logout that is answered late does no harm without locks either', async () => {
  const { two, leaving, answer } = await overtaken();
  answer.resolve(new Response(null, { status: 204 }));
  await leaving;
  assert.equal((await two.session()).id, 's2');
  assert.equal(localStorage.kept.size, 1);
});

test('Logout that is repeated does not take the cookie of who has logged in meanwhile', async () => {
  const { leaving, answer } = await overtaken();
  const told = stub.of('/logout').length;
  answer.reject(new TypeError('fetch failed'));
  await leaving;
  assert.equal(stub.of('/logout').length, told);
});

test('Logouts by cookie are told one after the other', async () => {
  const tab = openTab();
  await login(tab);
  const refresh = later();
  now = 20_000;
  stub.onRefresh = () => refresh;
  const call = tab.fetch(me);
  await delivered();
  const leaving = tab.logout();
  await delivered();
  assert.equal(stub.of('/logout').length, 0, 'the answer of the refresh may bring a cookie');
  refresh.resolve(pair(1));
  await leaving;
  await call;
  assert.equal(stub.of('/logout').length, 1);
  assert.equal(await tab.session(), null);
});

for (const [name, isExpired] of [['in use', false], ['expired', true]]) {
  test(`Tab without a channel learns of a logout with its token ${name}`, async () => {
    const { BroadcastChannel } = globalThis;
    globalThis.BroadcastChannel = undefined;
    try {
      const [one, two] = [openTab(), openTab()];
      await login(one);
      assert.equal((await two.session()).id, 's1');
      await one.logout();
      now = isExpired ? 40_000 : 0;
      stub.onCall = (call) => (call.token ? problem(401, 'session_ended', { reason: 'logout' }) : json(401, {}));
      await two.fetch(me);
      assert.equal(await two.session(), null);
      assert.deepEqual(two.changes, ['login s1', 'end']);
    } finally {
      globalThis.BroadcastChannel = BroadcastChannel;
    }
  });
}

test('Refresh in one tab is called off by a login in another that did not wait for it', async () => {
  const one = openTab();
  await login(one);
  now = 20_000;
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

test('What a page asks for before it knows its user is not sent as the next one', async () => {
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

test('First request of a reloaded page carries the token of its session', async () => {
  const before = openTab();
  await login(before);
  before.close();
  await openTab().fetch(me);
  assert.equal(stub.of('/me').at(-1).token, tokenOf(1));
});

test('Message of a former session does not replace a newer one', async () => {
  const tab = openTab('localStorage');
  const late = new BroadcastChannel(`authserver:localStorage:${server}/`);
  stub.onLogin = () => pair(7, 's2');
  await login(tab, 'eve');
  late.postMessage({ type: 'tokens', held: { id: 's1', accessToken: tokenOf(9), expiresIn: 20, expiresAt: 9e9 }, kept: null });
  await delivered();
  late.close();
  assert.equal((await tab.session()).id, 's2');
});

test('Message that was on its way for long does not make a dead token live', async () => {
  const tab = openTab();
  await login(tab);
  const late = new BroadcastChannel(`authserver:cookie:${server}/`);
  now = 60_000;
  late.postMessage({ type: 'tokens', held: { id: 's1', accessToken: tokenOf(9), expiresIn: 20, expiresAt: 1_000_000 + 20_000 }, kept: null });
  await delivered();
  late.close();
  await tab.fetch(me);
  assert.equal(stub.of('/me').at(-1).token, tokenOf(1));
});

test('Clients with different storages don\'t disturb one another', async () => {
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

test('Storages of one\'s own in two tabs are two sessions', async () => {
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
  for (now = 20_000; now < 100_000; now += 20_000) {
    await original.fetch(me);
  }

  const originals = globalThis.sessionStorage;
  globalThis.sessionStorage = areaOf(copy);
  const duplicate = openTab('sessionStorage');
  globalThis.sessionStorage = originals;
  now = 81_000;
  assert.equal((await duplicate.session()).id, 's1');
  assert.deepEqual(stub.presented, ['r0', 'r1', 'r2', 'r3']);
});

test('Closed client works on alone', async () => {
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
  now = 20_000;
  stub.onCall = () => json(200, {});
  assert.equal((await tab.fetch(me)).status, 200);
  assert.deepEqual(stub.presented, ['r0']);
});
