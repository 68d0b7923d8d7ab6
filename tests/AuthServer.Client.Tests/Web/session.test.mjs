// Logins, ends of sessions, and answers that arrive after them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthError } from '../../../src/AuthServer.Client.Web/authserver-client.js';
import { changes, create, ends, expired, loggedIn, me, stub, time } from './setting.mjs';
import { settled } from './fake-clock.mjs';
import { areaOf, json, later, pair, problem, tokenOf } from './stub.mjs';

test('Private route that answers session_ended ends session once', async () => {
  const client = await loggedIn();
  stub.onCall = () => problem(401, 'session_ended', { reason: 'displaced' });
  const answers = await Promise.all([client.fetch(me), client.fetch(me)]);
  assert.equal((await answers[0].json()).reason, 'displaced');
  assert.deepEqual(ends(), [{ type: 'end', code: 'session_ended', reason: 'displaced', id: undefined }]);
  assert.equal(await client.session(), null);
});

test('Late refusal of former session keeps new one', async () => {
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

test('Refresh that is answered after logout restores nothing', async () => {
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
  for (const [n, user, late] of [[7, 'eve', pair(1)], [8, 'bob', problem(401, 'refresh_token_reused')]]) {
    const answer = later();
    stub.onRefresh = () => answer;
    const request = client.fetch(me);
    stub.onLogin = () => pair(n, `s${n}`, user);
    await client.login({ username: user, password: 'secret' });
    answer.resolve(late);
    await request;
    assert.equal(stub.of('/me').at(-1).authorization, null);
    await client.fetch(me);
    assert.equal(stub.of('/me').at(-1).token, tokenOf(n, user));
    assert.deepEqual(ends(), []);
    time.now += 20_000;
  }
});

test('Refresh by cookie of another user sends no request of former user', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  time.now = 20_000;
  stub.onRefresh = (n) => pair(n, 's2');
  await client.fetch(me, { method: 'DELETE' });
  assert.equal(stub.of('/me').at(-1).authorization, null);
  assert.deepEqual(changes.map(({ type, id }) => [type, id]), [['login', 's1'], ['login', 's2']]);
  await client.fetch(me);
  assert.equal(stub.of('/me').at(-1).token, tokenOf(1, 'eve'));
});

test('Login by cookie aborts refresh, which would replace its cookie', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  const answer = later();
  stub.onCall = (call) => (call.token === tokenOf(0) ? expired() : json(200, {}));
  stub.onRefresh = () => answer;
  const request = client.fetch(me);
  await settled();
  stub.onLogin = () => pair(7, 's2');
  const login = client.login({ username: 'eve', password: 'secret' });
  await login;
  assert.ok(stub.refreshes[0].signal.aborted);
  answer.resolve(pair(1));
  await request;
  assert.equal((await client.session()).id, 's2');
});

test('Cookie is sent with requests that produce tokens only', async () => {
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

test('Sessions are listed page by page', async () => {
  const client = await loggedIn();
  stub.onCall = ({ query }) => json(200, { sessions: [], total: 2, ...(query.includes('after') ? {} : { next: 'a-_9' }) });
  const { next } = await client.sessions({ ended: true, limit: 1 });
  assert.deepEqual(await client.sessions({ ended: true, after: next }), { sessions: [], total: 2 });
  assert.deepEqual(stub.of('/sessions').map(({ query }) => query), ['?ended=true&limit=1', '?ended=true&after=a-_9']);
});

test('Session that ended while no page was open is reported by next page', async () => {
  const storage = areaOf(new Map([['authserver:custom:https://auth.example.com/', '{"id":"s1","refreshToken":"r0"}']]));
  stub.onRefresh = () => problem(401, 'session_ended', { reason: 'password_changed' });
  assert.equal(await create({ storage }).session(), null);
  assert.deepEqual(ends(), [{ type: 'end', code: 'session_ended', reason: 'password_changed', id: undefined }]);
  assert.equal(storage.kept.size, 0);
});

test('Error has members of answer', async () => {
  const client = create();
  stub.onLogin = () => problem(400, 'invalid_request', { errors: { username: ['Is required.'] }, traceId: 'trace' });
  await assert.rejects(client.login({ username: '', password: '' }), (error) => {
    assert.ok(error instanceof AuthError);
    assert.deepEqual([error.status, error.code, error.message, error.errors, error.traceId],
      [400, 'invalid_request', 'The explanation.', { username: ['Is required.'] }, 'trace']);
    return true;
  });
  stub.onLogin = () => problem(429, 'too_many_requests', {}, { 'Retry-After': '3' });
  await assert.rejects(client.login({ username: 'a', password: 'b' }), { code: 'too_many_requests', retryAfter: 3 });
  const past = { 'Retry-After': 'Thu, 01 Jan 2026 00:00:00 GMT', Date: 'Thu, 01 Jan 2026 00:01:00 GMT' };
  stub.onLogin = () => problem(503, 'unavailable', { outcome: 'unknown' }, past);
  const expected = { code: 'unavailable', outcome: 'unknown', retryAfter: 0 };
  await assert.rejects(client.login({ username: 'a', password: 'b' }), expected);
});

test('Listener that throws or was removed does not disturb another', async () => {
  const client = create();
  const { queueMicrotask } = globalThis;
  const thrown = [];
  globalThis.queueMicrotask = (work) => queueMicrotask(() => { try { work(); } catch (error) { thrown.push(error.message); } });
  client.onChange(() => { throw new Error('mine'); });
  const stop = client.onChange(() => assert.fail('was removed'));
  stop();
  await client.login({ username: 'ada', password: 'secret' });
  globalThis.queueMicrotask = queueMicrotask;
  await client.fetch(me);
  assert.deepEqual(changes.map((change) => change.type), ['login']);
  assert.deepEqual(thrown, ['mine']);
});

for (const [server, isKept] of [
  ['http://auth.example.com', false],
  ['http://192.168.0.2:5080', false],
  ['http://localhost.example.com', false],
  ['http://127.0.0.1.example.com', false],
  ['http://notlocalhost', false],
  ['http://[::2]', false],
  ['https://auth.example.com', true],
  ['http://localhost:5080', true],
  ['http://LOCALHOST/auth', true],
  ['http://auth.localhost', true],
  ['http://127.0.0.1:5080', true],
  ['http://127.1', true],
  ['http://[::1]:5080', true],
]) {
  test(`Login by cookie at ${server} is ${isKept ? 'sent' : 'not sent'}`, async () => {
    const client = create({ server, storage: 'cookie' });
    const login = client.login({ username: 'ada', password: 'secret' });
    await (isKept ? login : assert.rejects(login, (error) => {
      assert.ok(error instanceof AuthError);
      assert.deepEqual([error.status, error.code], [0, 'cookie_needs_https']);
      assert.ok(error.message.includes(new URL(server).origin));
      return true;
    }));
    assert.equal(stub.calls.length, isKept ? 1 : 0);
    await create({ server }).login({ username: 'ada', password: 'secret' });
  });
}
