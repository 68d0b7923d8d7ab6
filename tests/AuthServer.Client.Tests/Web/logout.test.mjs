// Logouts, also those that the server does not confirm.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changes, create, ends, loggedIn, lost, me, noContent, stub, time } from './setting.mjs';
import { areaOf, later, page, pair, problem } from './stub.mjs';

test('Logout without answer forgets session, and is rejected', async () => {
  const client = await loggedIn();
  stub.onLogout = lost;
  const leaving = client.logout();
  const rejected = assert.rejects(leaving, TypeError);
  assert.equal(await time.until(client.session()), null);
  await time.until(rejected);
  assert.ok(stub.of('/logout').length > 1);
  assert.ok(stub.of('/logout').every((call) => call.body === '{"refreshToken":"r0"}'));
  assert.deepEqual(ends(), [{ type: 'end', id: undefined }]);
  await client.logout();
});

test('Logout by cookie that proxy refused is sent again', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  stub.onLogout = () => page(401);
  await assert.rejects(client.logout(), { code: 'unexpected_answer' });
  stub.onLogout = noContent;
  assert.equal(await client.session(), null);
  assert.equal(stub.of('/logout').length, 2);
});

test('Logout waits for Retry-After before it is sent again', async () => {
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

test('Retry-After of refresh ends with session', async () => {
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

test('Request of logged-out page is not sent as next user', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  const answer = later();
  stub.onLogout = () => answer;
  const leaving = client.logout();
  stub.onLogin = () => pair(7, 's2');
  const entering = client.login({ username: 'eve', password: 'secret' });
  const call = client.fetch(me, { method: 'PUT' });
  answer.resolve(noContent());
  await Promise.all([leaving, entering, call]);
  assert.equal(stub.of('/me').at(-1).authorization, null);
});

test('Logout by cookie that is missing is complete', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  stub.onLogout = () => problem(401, 'access_token_missing');
  await client.logout();
  assert.equal(await client.session(), null);
  assert.equal(stub.of('/logout').length, 1);
});

test('Logout everywhere keeps session that was opened meanwhile', async () => {
  const client = await loggedIn();
  const answer = later();
  stub.onCall = () => answer;
  const leaving = client.logout({ everywhere: true });
  stub.onLogin = () => pair(7, 's2');
  await client.login({ username: 'eve', password: 'secret' });
  answer.resolve(noContent());
  await leaving;
  assert.equal((await client.session()).id, 's2');
});

test('Logout works after storage was cleared by another program', async () => {
  const storage = areaOf();
  const client = await loggedIn({ storage });
  storage.kept.clear();
  await client.logout();
  assert.deepEqual(ends(), [{ type: 'end', id: undefined }]);
});

test('Logout by cookie that failed is sent again before next request', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  stub.onLogout = lost;
  await assert.rejects(time.until(client.logout()), TypeError);
  assert.equal(await time.until(client.session()), null);
  assert.equal(stub.refreshes.length, 0);
  stub.onLogout = noContent;
  stub.calls = [];
  await client.login({ username: 'eve', password: 'secret' });
  await client.fetch(me);
  assert.deepEqual(stub.calls.map((call) => call.path), ['/logout', '/login', '/me']);
});

test('Logout arrives although its page is closed', async () => {
  const client = await loggedIn();
  await client.logout();
  assert.deepEqual(stub.calls.map((call) => call.keepalive), [false, true]);
});

test('Logout everywhere ends all sessions, and forgets this one', async () => {
  const client = await loggedIn();
  await client.logout({ everywhere: true });
  assert.deepEqual(stub.calls.slice(1).map((call) => call.path), ['/logout/all']);
  assert.equal(await client.session(), null);
});
