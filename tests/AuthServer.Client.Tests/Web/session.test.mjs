// Logins, logouts and what comes late; what is kept of them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthError } from '../../../src/AuthServer.Client.Web/authserver-client.js';
import { changes, create, ends, expired, loggedIn, me, server, stub, time } from './setting.mjs';
import { json, later, page, pair, problem, tokenOf } from './stub.mjs';

test('Private route that says the session has ended ends it, once', async () => {
  const client = await loggedIn();
  stub.onCall = () => problem(401, 'session_ended', { reason: 'displaced' });
  const answers = await Promise.all([client.fetch(me), client.fetch(me)]);
  assert.equal((await answers[0].json()).reason, 'displaced');
  assert.deepEqual(ends(), [{ type: 'end', code: 'session_ended', reason: 'displaced', id: undefined }]);
  assert.equal(await client.session(), null);
});

test('What is said of a former session does no harm to the new one', async () => {
  const client = await loggedIn();
  const late = later();
  stub.onCall = () => late;
  const request = client.fetch(me);
  await client.logout();
  stub.onLogin = () => pair(7, 's2');
  await client.login({ username: 'eve', password: 'secret' });
  late.resolve(problem(401, 'session_ended', { reason: 'logout' }));
  await request;
  assert.equal((await client.session()).id, 's2');
});

test('Refresh that is answered after the logout brings nothing back', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  const answer = later();
  stub.onRefresh = () => answer;
  const request = client.fetch(me);
  await client.logout();
  answer.resolve(pair(1));
  await request;
  assert.equal(await client.session(), null);
  assert.deepEqual(stub.of('/me').map((call) => call.authorization), [null]);
});

test('Refresh that is answered after another login does not replace it', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  for (const [n, late] of [[7, pair(1)], [8, problem(401, 'refresh_token_reused')]]) {
    const answer = later();
    stub.onRefresh = () => answer;
    const request = client.fetch(me);
    stub.onLogin = () => pair(n, `s${n}`);
    await client.login({ username: 'eve', password: 'secret' });
    answer.resolve(late);
    await request;
    assert.equal(stub.of('/me').at(-1).authorization, null);
    await client.fetch(me);
    assert.equal(stub.of('/me').at(-1).token, tokenOf(n));
    assert.deepEqual(ends(), []);
    time.now += 20_000;
  }
});

test('Logout forgets first, then tells the server with the refresh token, and says if it could not', async () => {
  const client = await loggedIn();
  stub.onLogout = () => { throw new TypeError('fetch failed'); };
  const leaving = client.logout();
  assert.equal(await client.session(), null);
  await assert.rejects(leaving, TypeError);
  assert.ok(stub.of('/logout').length > 1);
  assert.ok(stub.of('/logout').every((call) => call.body === '{"refreshToken":"r0"}'));
  assert.deepEqual(ends(), [{ type: 'end', id: undefined }]);
  await client.logout();
});

test('Logout by cookie that somebody else than the server refused was not told', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  stub.onLogout = () => page(401);
  await assert.rejects(client.logout(), { code: 'unexpected_answer' });
  stub.onLogout = () => new Response(null, { status: 204 });
  assert.equal(await client.session(), null);
  assert.equal(stub.of('/logout').length, 2);
});

test('Logout that the server has no time for is repeated when it has', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  stub.onLogout = () => problem(503, 'unavailable', {}, { 'Retry-After': '60' });
  await assert.rejects(client.logout(), { code: 'unavailable' });
  for (let i = 0; i < 10; i++) {
    assert.equal((await client.fetch(me)).status, 200);
  }

  assert.equal(stub.of('/logout').length, 1);
  time.now += 60_000;
  await client.fetch(me);
  assert.equal(stub.of('/logout').length, 2);
});

test('Rest that the server asked for is over with the session', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  stub.onRefresh = () => problem(503, 'unavailable', {}, { 'Retry-After': '60' });
  await assert.rejects(client.session(), { code: 'unavailable' });
  await client.logout();
  assert.equal(await client.session(), null);
  assert.equal((await client.fetch(me)).status, 200);
  stub.onLogin = () => pair(7, 's2');
  await client.login({ username: 'eve', password: 'secret' });
  time.now = 40_000;
  stub.onRefresh = () => pair(8, 's2');
  assert.equal((await client.session()).id, 's2');
});

test('What nobody asked for is not sent as who logs in next', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  const answer = later();
  stub.onLogout = () => answer;
  const leaving = client.logout();
  stub.onLogin = () => pair(7, 's2');
  const entering = client.login({ username: 'eve', password: 'secret' });
  const call = client.fetch(me, { method: 'PUT' });
  answer.resolve(new Response(null, { status: 204 }));
  await Promise.all([leaving, entering, call]);
  assert.equal(stub.of('/me').at(-1).authorization, null);
});

test('Logout that nobody answers is given up', async () => {
  const { timeout } = AbortSignal;
  const client = await loggedIn();
  try {
    AbortSignal.timeout = (milliseconds) => {
      const limit = new AbortController();
      time.now += milliseconds;
      queueMicrotask(() => limit.abort(new DOMException('', 'TimeoutError')));
      return limit.signal;
    };
    await assert.rejects(client.logout(), { name: 'TimeoutError' });
    assert.equal(time.now, 5000);
  } finally {
    AbortSignal.timeout = timeout;
  }
});

test('Logout by a cookie that is gone is done', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  stub.onLogout = () => problem(401, 'access_token_missing');
  await client.logout();
  assert.equal(await client.session(), null);
  assert.equal(stub.of('/logout').length, 1);
});

test('Refresh by cookie that finds another user sends nothing of the first as the second', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  time.now = 20_000;
  stub.onRefresh = (n) => pair(n, 's2');
  await client.fetch(me, { method: 'DELETE' });
  assert.equal(stub.of('/me').at(-1).authorization, null);
  assert.deepEqual(changes.map(({ type, id }) => [type, id]), [['login', 's1'], ['login', 's2']]);
  await client.fetch(me);
  assert.equal(stub.of('/me').at(-1).token, tokenOf(1));
});

test('Login by cookie waits for a refresh, whose answer would replace its cookie', async () => {
  time.restore();
  const client = await loggedIn({ storage: 'cookie' });
  const answer = later();
  stub.onCall = (call) => (call.token === tokenOf(0) ? expired() : json(200, {}));
  stub.onRefresh = () => answer;
  const request = client.fetch(me);
  while (stub.refreshes.length === 0) {
    await new Promise(setImmediate);
  }

  stub.onLogin = () => pair(7, 's2');
  const login = client.login({ username: 'eve', password: 'secret' });
  await new Promise(setImmediate);
  assert.equal(stub.of('/login').length, 1);
  assert.ok(stub.refreshes[0].signal.aborted, 'and calls it off');
  answer.resolve(pair(1));
  await login;
  await request;
  assert.equal((await client.session()).id, 's2');
});

test('Everywhere forgets nobody who has logged in meanwhile', async () => {
  const client = await loggedIn();
  const answer = later();
  stub.onCall = () => answer;
  const leaving = client.logout({ everywhere: true });
  stub.onLogin = () => pair(7, 's2');
  await client.login({ username: 'eve', password: 'secret' });
  answer.resolve(new Response(null, { status: 204 }));
  await leaving;
  assert.equal((await client.session()).id, 's2');
});

test('Logout works where the storage was cleared behind its back', async () => {
  const storage = { kept: null, getItem() { return this.kept; }, setItem(key, value) { this.kept = value; }, removeItem() { this.kept = null; } };
  const client = await loggedIn({ storage });
  storage.kept = null;
  await client.logout();
  assert.deepEqual(ends(), [{ type: 'end', id: undefined }]);
});

test('Logout by cookie that was not told is told before anything else', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  stub.onLogout = () => { throw new TypeError('fetch failed'); };
  await assert.rejects(client.logout(), TypeError);
  assert.equal(await client.session(), null);
  assert.equal(stub.refreshes.length, 0);
  stub.onLogout = () => new Response(null, { status: 204 });
  stub.calls = [];
  await client.login({ username: 'eve', password: 'secret' });
  await client.fetch(me);
  assert.deepEqual(stub.calls.map((call) => call.path), ['/logout', '/login', '/me']);
});

test('Cookie goes along where tokens are made, and nowhere else', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  time.now = 20_000;
  await client.sessions();
  await client.logout();
  await client.register({ username: 'eve', password: 'secret' });
  assert.deepEqual(stub.calls.map(({ path, query, credentials, body }) => [path + query, credentials, body]), [
    ['/login?transport=cookie', 'include', '{"username":"ada","password":"secret"}'],
    ['/refresh?transport=cookie', 'include', ''],
    ['/sessions?ended=false', 'omit', ''],
    ['/logout', 'include', ''],
    ['/register', 'omit', '{"username":"eve","password":"secret"}'],
  ]);
});

test('Logout arrives although its page is being left', async () => {
  const client = await loggedIn();
  await client.logout();
  assert.deepEqual(stub.calls.map((call) => call.keepalive), [false, true]);
});

test('Everywhere ends all sessions, and this device takes note of it', async () => {
  const client = await loggedIn();
  await client.logout({ everywhere: true });
  assert.deepEqual(stub.calls.slice(1).map((call) => call.path), ['/logout/all']);
  assert.equal(await client.session(), null);
});

test('Storage of one\'s own brings the session back, and shares it', async () => {
  const kept = new Map();
  const storage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };
  const first = await loggedIn({ storage });
  assert.equal([...kept.values()].join(), '{"id":"s1","refreshToken":"r0"}');
  const second = create({ storage });
  assert.equal((await second.session()).user.name, 'ada');
  time.now = 20_000;
  await first.fetch(me);
  assert.deepEqual(stub.presented, ['r0', 'r1']);
  await second.logout();
  await first.fetch(me);
  time.now = 40_000;
  assert.equal(await first.session(), null);
  assert.equal(kept.size, 0);
});

test('Session that ended while nobody was there is told of when somebody is', async () => {
  const storage = { kept: '{"id":"s1","refreshToken":"r0"}', getItem() { return this.kept; }, setItem(key, value) { this.kept = value; }, removeItem() { this.kept = null; } };
  stub.onRefresh = () => problem(401, 'session_ended', { reason: 'password_changed' });
  assert.equal(await create({ storage }).session(), null);
  assert.deepEqual(ends(), [{ type: 'end', code: 'session_ended', reason: 'password_changed', id: undefined }]);
  assert.equal(storage.kept, null);
});

for (const [name, storage] of [
  ['was edited by hand', { getItem: () => '{"id":', setItem() {}, removeItem() {} }],
  ['holds something else', { getItem: () => '[1]', setItem() {}, removeItem() {} }],
  ['is blocked', { getItem() { throw new Error('SecurityError'); }, setItem() {}, removeItem() {} }],
]) {
  test(`Storage that ${name} counts as empty`, async () => {
    assert.equal(await create({ storage }).session(), null);
    assert.equal(stub.calls.length, 0);
  });
}

test('Storage that is full does not keep anybody from working', async () => {
  const client = await loggedIn({ storage: { getItem: () => null, setItem() { throw new Error('QuotaExceededError'); }, removeItem() {} } });
  time.now = 20_000;
  assert.equal((await client.fetch(me)).status, 200);
  assert.deepEqual(stub.presented, ['r0']);
});

test('Error tells what the server said', async () => {
  const client = create();
  stub.onLogin = () => problem(400, 'invalid_request', { errors: { username: ['Is required.'] }, traceId: 'trace' });
  await assert.rejects(client.login({ username: '', password: '' }), (error) => {
    assert.ok(error instanceof AuthError);
    assert.deepEqual([error.status, error.code, error.message, error.errors, error.traceId],
      [400, 'invalid_request', 'So it is.', { username: ['Is required.'] }, 'trace']);
    return true;
  });
  stub.onLogin = () => problem(429, 'too_many_requests', {}, { 'Retry-After': '3' });
  await assert.rejects(client.login({ username: 'a', password: 'b' }), { code: 'too_many_requests', retryAfter: 3 });
});

test('Listener that throws or has left disturbs nobody', async () => {
  const client = create();
  const { queueMicrotask } = globalThis;
  const thrown = [];
  globalThis.queueMicrotask = (work) => queueMicrotask(() => { try { work(); } catch (error) { thrown.push(error.message); } });
  client.onChange(() => { throw new Error('mine'); });
  const stop = client.onChange(() => assert.fail('has left'));
  stop();
  await client.login({ username: 'ada', password: 'secret' });
  globalThis.queueMicrotask = queueMicrotask;
  await client.fetch(me);
  assert.deepEqual(changes.map((change) => change.type), ['login']);
  assert.deepEqual(thrown, ['mine']);
});
