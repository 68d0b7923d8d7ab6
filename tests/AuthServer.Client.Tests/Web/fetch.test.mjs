// Requests with the access token, and the origins that get it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAuthClient } from '../../../src/AuthServer.Client.Web/authserver-client.js';
import { challenge, ends, expired, loggedIn, me, server, stub, time } from './setting.mjs';
import { json, later, pair, problem, tokenOf } from './stub.mjs';

test('Token is attached, and refreshed two seconds before its end', async () => {
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

test('Requests that produce tokens carry no access token', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  await client.fetch(me);
  await client.logout();
  await client.register({ username: 'eve', password: 'secret' });
  await client.login({ username: 'eve', password: 'secret' });
  for (const path of ['login', 'refresh', 'register?x=1']) {
    await client.fetch(`${server}/${path}`, { method: 'POST' });
  }

  for (const path of ['/login', '/refresh', '/logout', '/register']) {
    assert.ok(stub.of(path).length > 0 && stub.of(path).every((call) => call.authorization === null), path);
  }
});

for (const [name, answer] of [
  ['its code', expired],
  ['a challenge', () => new Response('', { status: 401, headers: { 'WWW-Authenticate': challenge } })],
  ['a challenge beside a problem', () => (
    json(401, { title: 'Unauthorized' }, { 'WWW-Authenticate': challenge }))],
]) {
  test(`Request refused as expired by ${name} is repeated`, async () => {
    const client = await loggedIn();
    stub.onCall = (call) => (call.token === tokenOf(0) ? answer() : json(200, { done: true }));
    const response = await client.fetch(me, { method: 'PUT', body: 'twice' });
    assert.deepEqual(await response.json(), { done: true });
    assert.deepEqual(stub.of('/me').map(({ method, body }) => [method, body]), [['PUT', 'twice'], ['PUT', 'twice']]);
    assert.equal(stub.refreshes.length, 1);
  });
}

test('Request refused twice is not repeated again, and stays readable', async () => {
  const client = await loggedIn();
  stub.onCall = expired;
  const response = await client.fetch(me);
  assert.equal((await response.json()).code, 'access_token_expired');
  assert.equal(stub.of('/me').length, 2);
  assert.equal(stub.refreshes.length, 1);
  assert.deepEqual(ends(), []);
});

test('Request with stream is not repeated, and next one has new token', async () => {
  const client = await loggedIn();
  stub.onCall = (call) => (call.token === tokenOf(0) ? expired() : json(200, {}));
  const response = await client.fetch(me, { method: 'POST', body: new Blob(['once']).stream(), duplex: 'half' });
  assert.equal(response.status, 401);
  assert.equal((await client.fetch(me)).status, 200);
  assert.equal(stub.refreshes.length, 1);
});

test('Token is sent to server and to listed origins only', async () => {
  const client = await loggedIn({ apis: ['https://api.example.com'] });
  for (const address of [
    me,
    'https://api.example.com/x',
    'https://evil.example/x',
    'http://auth.example.com/x',
    'https://auth.example.com:444/x',
  ]) {
    await client.fetch(address);
  }

  await client.fetch(me, { headers: { Authorization: 'Basic own' } });
  assert.deepEqual(stub.calls.slice(1).map((call) => call.authorization !== null), [true, true, false, false, false, true]);
  assert.equal(stub.calls.at(-1).authorization, 'Basic own');
});

test('Refusal after redirect changes nothing', async () => {
  const client = await loggedIn();
  for (const answer of [problem(401, 'session_ended', { reason: 'revoked' }), expired()]) {
    stub.onCall = () => Object.defineProperty(answer, 'redirected', { value: true });
    assert.equal((await client.fetch(me, { method: 'POST' })).status, 401);
  }

  assert.equal(stub.of('/me').length, 2);
  assert.deepEqual(ends(), []);
});

test('Requests to server follow no redirect', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  stub.onCall = () => pair(7);
  await client.changePassword({ currentPassword: 'secret', newPassword: 'other' });
  await client.logout();
  assert.deepEqual(stub.calls.map((call) => call.redirect), ['error', 'error', 'error', 'error']);
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

test('Server below path gets its requests there, also relative ones', async () => {
  const client = await loggedIn({ server: 'https://example.com/auth' });
  assert.equal(stub.calls[0].path, '/auth/login');
  await client.fetch('me');
  assert.equal(stub.calls[1].path, '/auth/me');
  assert.ok(stub.calls[1].authorization);
});

test('Client in worker made of blob finds server of its page', async () => {
  globalThis.location = { href: `blob:${server}/0c4c1f3a-7a5b-4c1e-9d8e-000000000000` };
  try {
    const client = createAuthClient({ fetch: stub.fetch });
    await client.login({ username: 'ada', password: 'secret' });
    assert.equal((await client.fetch(me)).status, 200);
    client.close();
  } finally {
    delete globalThis.location;
  }

  assert.deepEqual(stub.calls.map(({ path }) => path), ['/login', '/me']);
  assert.equal(stub.calls[0].credentials, 'include');
});

test('Client outside of page needs address of its server', () => {
  assert.throws(() => createAuthClient(), /Set server/);
});
