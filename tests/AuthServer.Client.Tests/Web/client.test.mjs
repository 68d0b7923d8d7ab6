// The corners of the module, without a network: node --test client.test.mjs

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { AuthError, createAuthClient } from '../../../src/AuthServer.Client.Web/authserver-client.js';
import { json, later, page, pair, problem, Stub, Time, tokenOf } from './stub.mjs';

const server = 'https://auth.example.com';
const me = `${server}/me`;
const challenge = 'Bearer error="invalid_token", error_description="The token expired at \'11/22/2026\'"';
const expired = () => problem(401, 'access_token_expired');
let stub, time, changes;

beforeEach(() => {
  stub = new Stub();
  time = new Time();
  changes = [];
});

afterEach(() => time.restore());

const create = (options = {}) => {
  const client = createAuthClient({ server, fetch: stub.fetch, ...options });
  client.onChange((session, change) => changes.push({ ...change, id: session?.id }));
  return client;
};

async function loggedIn(options) {
  const client = create(options);
  await client.login({ username: 'ada', password: 'secret' });
  return client;
}

const ends = () => changes.filter((change) => change.type === 'end');

test('Token is attached, and renewed two seconds before its end', async () => {
  const client = await loggedIn();
  time.now = 17_999;
  await client.fetch(me);
  assert.equal(stub.refreshes.length, 0);
  time.now = 18_000;
  await client.fetch(me);
  assert.deepEqual(stub.of('/me').map((call) => call.token), [tokenOf(0), tokenOf(1)]);
  assert.deepEqual(stub.presented, ['r0']);
  time.now = 36_000;
  await client.fetch(me);
  assert.deepEqual(stub.presented, ['r0', 'r1']);
});

test('Refresh and the other requests that make tokens carry no access token', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  await client.fetch(me);
  await client.logout();
  await client.register({ username: 'eve', password: 'secret' });
  await client.login({ username: 'eve', password: 'secret' });
  for (const door of ['login', 'refresh', 'register?x=1']) {
    await client.fetch(`${server}/${door}`, { method: 'POST' });
  }

  for (const path of ['/login', '/refresh', '/logout', '/register']) {
    assert.ok(stub.of(path).length > 0 && stub.of(path).every((call) => call.authorization === null), path);
  }
});

for (const [name, answer] of [
  ['its code', expired],
  ['the challenge of another back end', () => new Response('', { status: 401, headers: { 'WWW-Authenticate': challenge } })],
  ['the challenge beside a problem without a code', () => json(401, { title: 'Unauthorized' }, { 'WWW-Authenticate': challenge })],
]) {
  test(`Request that is refused as expired by ${name} is sent once more with its body`, async () => {
    const client = await loggedIn();
    stub.onCall = (call) => (call.token === tokenOf(0) ? answer() : json(200, { done: true }));
    const response = await client.fetch(me, { method: 'PUT', body: 'twice' });
    assert.deepEqual(await response.json(), { done: true });
    assert.deepEqual(stub.of('/me').map(({ method, body }) => [method, body]), [['PUT', 'twice'], ['PUT', 'twice']]);
    assert.equal(stub.refreshes.length, 1);
  });
}

test('Request that is refused twice is not sent a third time, and its answer can be read', async () => {
  const client = await loggedIn();
  stub.onCall = expired;
  const response = await client.fetch(me);
  assert.equal((await response.json()).code, 'access_token_expired');
  assert.equal(stub.of('/me').length, 2);
  assert.equal(stub.refreshes.length, 1);
  assert.deepEqual(ends(), []);
});

test('Request with a stream is not sent again, but the token is new for the next', async () => {
  const client = await loggedIn();
  stub.onCall = (call) => (call.token === tokenOf(0) ? expired() : json(200, {}));
  const response = await client.fetch(me, { method: 'POST', body: new Blob(['once']).stream(), duplex: 'half' });
  assert.equal(response.status, 401);
  assert.equal((await client.fetch(me)).status, 200);
  assert.equal(stub.refreshes.length, 1);
});

test('Token is sent to the server and to the listed origins, and to nobody else', async () => {
  const client = await loggedIn({ apis: ['https://api.example.com'] });
  for (const address of [me, 'https://api.example.com/x', 'https://evil.example/x', 'http://auth.example.com/x', 'https://auth.example.com:444/x']) {
    await client.fetch(address);
  }

  await client.fetch(me, { headers: { Authorization: 'Basic own' } });
  assert.deepEqual(stub.calls.slice(1).map((call) => call.authorization !== null), [true, true, false, false, false, true]);
  assert.equal(stub.calls.at(-1).authorization, 'Basic own');
});

test('However many wait, one refresh is made', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  await Promise.all(Array.from({ length: 200 }, () => client.fetch(me)));
  assert.equal(stub.refreshes.length, 1);
  stub.onCall = (call) => (call.token === tokenOf(1) ? expired() : json(200, {}));
  const answers = await Promise.all(Array.from({ length: 200 }, () => client.fetch(me)));
  assert.ok(answers.every((answer) => answer.ok));
  assert.equal(stub.refreshes.length, 2);
});

test('Who has given up before asking is told so, and harms nobody', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  stub.onRefresh = () => problem(403, 'cross_site');
  await assert.rejects(client.fetch(me, { signal: AbortSignal.abort(new Error('enough')) }), /enough/);
  await assert.rejects(client.session(), { code: 'cross_site' });
});

test('Who gives up waiting leaves the refresh to the others', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  const answer = later();
  stub.onRefresh = () => answer;
  const impatient = new AbortController();
  const one = client.fetch(me, { signal: impatient.signal });
  const other = client.fetch(me);
  impatient.abort(new Error('enough'));
  await assert.rejects(one, /enough/);
  answer.resolve(pair(1));
  assert.equal((await other).status, 200);
});

for (const [name, fault] of [
  ['no answer', () => { throw new TypeError('fetch failed'); }],
  ['503', () => problem(503, 'unavailable', {}, { 'Retry-After': '1' })],
  ['429', () => problem(429, 'too_many_requests', {}, { 'Retry-After': '2' })],
  ['500', () => problem(500, 'internal_error')],
  ['502 of a proxy', () => page(502)],
]) {
  test(`Refresh with ${name} is repeated with the same token until it is answered`, async () => {
    const client = await loggedIn();
    time.now = 20_000;
    stub.onRefresh = (n) => (n < 4 ? fault() : pair(1));
    assert.equal((await client.fetch(me)).status, 200);
    assert.deepEqual(stub.presented, ['r0', 'r0', 'r0', 'r0']);
    assert.deepEqual(ends(), []);
  });

  test(`Refresh with ${name} alone fails the request within the grace and keeps the session`, async () => {
    const client = await loggedIn();
    time.now = 20_000;
    stub.onRefresh = fault;
    await assert.rejects(client.fetch(me));
    assert.ok(time.now - 20_000 <= 30_000, `${time.now}`);
    assert.ok(stub.refreshes.length < 15, `${stub.refreshes.length}`);
    stub.onRefresh = () => pair(1);
    time.now += 2000;
    assert.equal((await client.session()).id, 's1');
    assert.deepEqual(ends(), []);
  });
}

test('Refresh without an answer is repeated at once, then after ever longer pauses', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  stub.onRefresh = () => { throw new TypeError('fetch failed'); };
  await assert.rejects(client.fetch(me));
  const [first, ...rest] = time.pauses;
  assert.equal(first, 0);
  rest.forEach((pause, i) => {
    const longest = Math.min(5000, 500 * 2 ** i);
    assert.ok(pause >= longest / 2 && pause <= longest, `${i}: ${pause}`);
  });
});

test('Answer that asks for patience gets it', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  stub.onRefresh = (n) => (n === 1 ? problem(429, 'too_many_requests', {}, { 'Retry-After': '7' }) : pair(1));
  await client.fetch(me);
  assert.deepEqual(time.pauses, [7000]);
});

test('Timers that fire a minute late cause neither a storm nor a logout', async () => {
  time.restore();
  time = new Time(240);
  const client = await loggedIn();
  time.now = 20_000;
  stub.onRefresh = () => { throw new TypeError('fetch failed'); };
  for (let i = 0; i < 10; i++) {
    await assert.rejects(client.fetch(me));
  }

  assert.ok(stub.refreshes.length <= 30, `${stub.refreshes.length}`);
  assert.deepEqual(ends(), []);
});

for (const [name, answer] of [
  ['a page in its place', () => page(200)],
  ['a page that forbids', () => page(401)],
  ['JSON of something else', () => json(200, { hello: 'world' })],
  ['a refusal that is not of the session', () => problem(403, 'cross_site')],
]) {
  test(`Refresh that finds ${name} fails the request and keeps the session`, async () => {
    const client = await loggedIn();
    time.now = 20_000;
    stub.onRefresh = answer;
    await assert.rejects(client.fetch(me), AuthError);
    stub.onRefresh = () => pair(1);
    assert.equal((await client.session()).id, 's1');
    assert.deepEqual(ends(), []);
  });
}

for (const code of ['refresh_token_missing', 'refresh_token_invalid', 'refresh_token_expired', 'refresh_token_reused', 'session_ended']) {
  test(`Refresh that is refused as ${code} ends the session`, async () => {
    const client = await loggedIn();
    time.now = 20_000;
    stub.onRefresh = () => problem(401, code, code === 'session_ended' ? { reason: 'revoked' } : {});
    await Promise.all([client.fetch(me), client.fetch(me)]);
    assert.equal(await client.session(), null);
    assert.equal(stub.refreshes.length, 1);
    assert.deepEqual(ends(), [{ type: 'end', code, reason: code === 'session_ended' ? 'revoked' : undefined, id: undefined }]);
    assert.deepEqual(stub.of('/me').map((call) => call.authorization), [null, null]);
  });
}

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

test('Request of one user is never sent again as another', async () => {
  const client = await loggedIn();
  const late = later();
  stub.onCall = () => late;
  const request = client.fetch(me, { method: 'DELETE' });
  stub.onLogin = () => pair(7, 's2');
  await client.login({ username: 'eve', password: 'secret' });
  late.resolve(expired());
  assert.equal((await request).status, 401);
  assert.equal(stub.of('/me').length, 1);
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

for (const [name, seconds, attempts] of [['six', 6, 2], ['forty', 40, 3]]) {
  test(`Network that takes ${name} seconds for an answer logs nobody out`, async () => {
    const { timeout } = AbortSignal;
    try {
      const limits = [];
      AbortSignal.timeout = (milliseconds) => {
        limits.push(milliseconds);
        const isTooShort = milliseconds < seconds * 1000;
        time.now += isTooShort ? milliseconds : seconds * 1000;
        const limit = new AbortController();
        isTooShort && queueMicrotask(() => limit.abort(new DOMException('', 'TimeoutError')));
        return limit.signal;
      };
      const client = await loggedIn();
      time.now = 20_000;
      assert.equal((await client.fetch(me)).status, 200);
      assert.equal(stub.refreshes.length, attempts);
      assert.ok(stub.presented.every((token) => token === 'r0'));
      assert.deepEqual(limits, [5000, 10_000, 60_000].slice(0, attempts));
    } finally {
      AbortSignal.timeout = timeout;
    }
  });
}

test('Server that asks for rest is left alone by later requests too', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  stub.onRefresh = () => problem(429, 'too_many_requests', {}, { 'Retry-After': '60' });
  for (let i = 0; i < 50; i++) {
    await assert.rejects(client.fetch(me), { code: 'too_many_requests' });
  }

  assert.equal(stub.refreshes.length, 1);
  stub.onRefresh = () => pair(1);
  time.now += 60_000;
  assert.equal((await client.fetch(me)).status, 200);
});

test('Answer of somebody else that the request was sent on to is not listened to', async () => {
  const client = await loggedIn();
  for (const answer of [problem(401, 'session_ended', { reason: 'revoked' }), expired()]) {
    stub.onCall = () => Object.defineProperty(answer, 'redirected', { value: true });
    assert.equal((await client.fetch(me, { method: 'POST' })).status, 401);
  }

  assert.equal(stub.of('/me').length, 2);
  assert.deepEqual(ends(), []);
});

test('What is meant for the server follows nobody elsewhere', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  await client.changePassword({ currentPassword: 'secret', newPassword: 'other' });
  await client.logout();
  assert.deepEqual(stub.calls.map((call) => call.redirect), ['error', 'error', 'error', 'error']);
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

test('Server below a path is asked below it, and relative addresses are taken from there', async () => {
  const client = await loggedIn({ server: 'https://example.com/auth' });
  assert.equal(stub.calls[0].path, '/auth/login');
  await client.fetch('me');
  assert.equal(stub.calls[1].path, '/auth/me');
  assert.ok(stub.calls[1].authorization);
});

test('Client outside of a page has to be told its server', () => {
  assert.throws(() => createAuthClient(), /Set server/);
});
