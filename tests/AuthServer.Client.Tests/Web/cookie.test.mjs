// The cookie decides: pages without a mark of it, and logins at other front ends of the server.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delivered, login, me, openFrontEnd, openTab, stub, time, withGlobals } from './browser.mjs';
import { areaOf, json, later, pair, problem, tokenOf } from './stub.mjs';

const blocked = () => { throw new Error('SecurityError'); };

for (const [name, open] of [
  ['whose storage was wiped', () => { localStorage.kept.clear(); return openTab(); }],
  ['whose storage is blocked', () => withGlobals({ localStorage: blocked }, () => openTab())],
  ['whose storage can be neither read nor written', () => (
    openFrontEnd({ getItem: blocked, setItem: blocked, removeItem: blocked }))],
  ['in worker, which has no storage', () => withGlobals({ localStorage: undefined }, () => openTab())],
  ['of another front end', () => openFrontEnd()],
]) {
  test(`Page ${name} asks server once for all callers`, async () => {
    const before = openTab();
    await login(before);
    before.close();
    const page = open();
    const [session] = await Promise.all([page.session(), page.fetch(me), page.session(), page.sessions()]);
    assert.equal(session.user.name, 'ada');
    assert.equal(stub.refreshes.length, 1);
    assert.deepEqual(stub.of('/me').map((call) => call.token), [tokenOf(1)]);
    assert.deepEqual(page.changes, ['login s1']);
  });

  test(`Page ${name} goes on after its token has expired`, async () => {
    const before = openTab();
    await login(before);
    before.close();
    const page = open();
    await page.session();
    time.now = 20_000;
    assert.equal((await page.session()).accessToken, tokenOf(2));
    assert.deepEqual(page.changes, ['login s1', 'refresh s1']);
  });
}

test('Storage wiped under open page keeps its session', async () => {
  const page = openTab();
  await login(page);
  localStorage.kept.clear();
  time.now = 20_000;
  assert.equal((await page.session()).id, 's1');
  assert.equal(localStorage.kept.size, 1);
  assert.deepEqual(page.changes, ['login s1', 'refresh s1']);
});

for (const [name, answer] of [
  ['has no cookie', () => problem(401, 'refresh_token_missing')],
  ['has cookie of ended session', () => problem(401, 'session_ended', { reason: 'revoked' })],
]) {
  test(`Page that ${name} asks once, and publishes nothing`, async () => {
    stub.cookie = true;
    stub.onRefresh = answer;
    const page = openTab();
    assert.deepEqual(await Promise.all([page.session(), page.session()]), [null, null]);
    assert.equal(await page.session(), null);
    assert.equal((await page.fetch(me)).status, 200);
    time.now = 60_000;
    assert.equal(await page.session(), null);
    assert.equal(stub.refreshes.length, 1);
    assert.equal(stub.of('/me')[0].authorization, null);
    assert.deepEqual(page.changes, []);
    await login(page);
    assert.equal((await page.session()).id, 's1');
  });
}

test('Page without mark is not logged out by server that is away', async () => {
  stub.cookie = true;
  stub.onRefresh = () => { throw new TypeError('fetch failed'); };
  const page = openTab();
  await assert.rejects(time.until(page.session()), TypeError);
  stub.onRefresh = (n) => pair(n);
  assert.equal((await time.until(page.session())).id, 's1');
});

test('Logout of page that has not asked yet ends session of cookie', async () => {
  stub.cookie = true;
  const page = openFrontEnd();
  await page.logout();
  assert.equal(stub.of('/logout').length, 1);
  assert.equal(stub.cookie, false);
  assert.equal(await page.session(), null);
});

test('Logout without cookie sends no logout', async () => {
  await openFrontEnd().logout();
  assert.deepEqual(stub.calls.map((call) => call.path), ['/refresh']);
});

/** A page of ada, and a login at another front end that replaces her session by one of a user. */
async function replaced(user) {
  const page = openTab();
  await login(page);
  stub.onLogin = () => pair(5, 's2', user);
  stub.onRefresh = (n) => pair(n + 10, 's2', user);
  stub.onCall = ({ token }) => (token === tokenOf(0) ? problem(401, 'session_ended', { reason: 'replaced' }) : json(200, {}));
  await login(openFrontEnd(), user);
  return page;
}

for (const [name, moment] of [['replaced', 0], ['expired', 20_000]]) {
  test(`Call with ${name} token is repeated after login of same user`, async () => {
    const page = await replaced('ada');
    time.now = moment;
    const answers = await Promise.all([page.fetch(me, { method: 'PUT', body: 'twice' }), page.fetch(me)]);
    assert.deepEqual(answers.map((answer) => answer.status), [200, 200]);
    assert.deepEqual(stub.of('/me').slice(-2).map(({ token, body }) => [token, body]).sort(),
      [[tokenOf(11), ''], [tokenOf(11), 'twice']]);
    assert.deepEqual([stub.refreshes.length, page.changes], [1, ['login s1', 'login s2']]);
  });

  test(`Call with ${name} token is refused after login of another user`, async () => {
    const page = await replaced('eve');
    time.now = moment;
    await page.fetch(me, { method: 'DELETE' });
    assert.ok(stub.of('/me').every(({ token }) => token === undefined || token === tokenOf(0)));
    assert.equal((await page.session()).user.name, 'eve');
    assert.deepEqual([stub.refreshes.length, page.changes], [1, ['login s1', 'login s2']]);
  });
}

for (const [user, token] of [['ada', tokenOf(11)], ['eve', undefined]]) {
  test(`Call of reopened page after login of ${user} elsewhere`, async () => {
    (await replaced(user)).close();
    await openTab().fetch(me);
    assert.equal(stub.of('/me').at(-1).token, token);
  });
}

test('Call of page that does not know its user yet is sent as user of cookie', async () => {
  stub.cookie = true;
  const answer = later();
  stub.onRefresh = () => answer;
  const call = openFrontEnd().fetch(me);
  answer.resolve(pair(3, 's2'));
  await call;
  assert.equal(stub.of('/me')[0].token, tokenOf(3, 'eve'));
});

test('Logout at another front end is reported with its reason', async () => {
  const [page, other] = [openTab(), openFrontEnd()];
  await login(page);
  const reasons = [];
  page.onChange((_, { code, reason }) => code && reasons.push([code, reason]));
  await other.logout();
  stub.onCall = () => problem(401, 'session_ended', { reason: 'logout' });
  assert.deepEqual((await Promise.all([page.fetch(me), page.fetch(me)])).map((answer) => answer.status), [401, 401]);
  assert.equal(await page.session(), null);
  assert.deepEqual([page.changes, reasons], [['login s1', 'end'], [['session_ended', 'logout']]]);
});

test('Refusal of session that its server still has is no end', async () => {
  const page = openTab();
  await login(page);
  stub.onCall = () => problem(401, 'session_ended', { reason: 'logout' });
  assert.equal((await page.fetch(me)).status, 401);
  assert.equal(stub.of('/me').length, 2);
  assert.deepEqual(page.changes, ['login s1', 'refresh s1']);
});

test('Tabs without storage share login, next login and logout', async () => {
  const [one, two] = withGlobals({ localStorage: blocked }, () => [openTab(), openTab()]);
  await login(one);
  await delivered();
  stub.onLogin = () => pair(7, 's2');
  await login(two, 'eve');
  await delivered();
  assert.equal((await one.session()).id, 's2');
  await one.logout();
  await delivered();
  assert.equal(await two.session(), null);
  assert.equal(stub.refreshes.length, 0);
  assert.deepEqual([one.changes, two.changes], Array(2).fill(['login s1', 'login s2', 'end']));
});

test('Call is repeated after login of same user in another tab', async () => {
  const [one, two] = [openTab('localStorage'), openTab('localStorage')];
  await login(one);
  await delivered();
  const answer = later();
  stub.onCall = ({ token }) => (token === tokenOf(0) ? answer : json(200, {}));
  const call = one.fetch(me);
  await delivered();
  stub.onLogin = () => pair(5, 's2', 'ada');
  await login(two);
  await delivered();
  answer.resolve(problem(401, 'session_ended', { reason: 'displaced' }));
  assert.equal((await call).status, 200);
  assert.equal(stub.of('/me').at(-1).token, tokenOf(5));
});

test('Mark of older version, which has no user, counts by its session', async () => {
  stub.cookie = true;
  for (const [session, token] of [['s1', tokenOf(1)], ['s2', undefined]]) {
    localStorage.setItem('authserver:cookie:https://auth.example.com/', '{"id":"s1"}');
    stub.onRefresh = () => pair(1, session);
    await openTab().fetch(me);
    assert.equal(stub.of('/me').at(-1).token, token);
    localStorage.kept.clear();
  }
});

test('Storage that is blocked keeps refresh token of each tab apart', async () => {
  const [one, two] = withGlobals({ localStorage: blocked }, () => [openTab('localStorage'), openTab('localStorage')]);
  await login(one);
  await delivered();
  assert.equal(await two.session(), null);
  assert.deepEqual(areaOf().kept, new Map());
});
