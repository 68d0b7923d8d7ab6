// What is done by the links of mails.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, loggedIn, noContent, stub } from './setting.mjs';
import { areaOf, json, pair, problem, tokenOf } from './stub.mjs';

const accepted = () => new Response(null, { status: 202 });

test('Requests of strangers carry neither token nor cookie', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  stub.onCall = ({ path }) => (path === '/links/inspect' ? json(200, { kind: 'log_in' }) : accepted());
  await client.requestPasswordReset('ada');
  await client.requestLoginLink('ada');
  await client.resetPassword({ token: 't', newPassword: 'another' });
  await client.confirmEmail('t');
  assert.deepEqual(await client.inspectLink('t'), { kind: 'log_in' });
  const sent = ['/password/forgot', '/login/link', '/password/reset', '/email/confirm', '/links/inspect'].map((path) => {
    const [call] = stub.of(path);
    assert.deepEqual([call.authorization, call.credentials, call.query], [null, 'omit', '']);
    return JSON.parse(call.body);
  });
  assert.deepEqual(sent, [
    { username: 'ada' }, { username: 'ada' }, { token: 't', newPassword: 'another' }, { token: 't' }, { token: 't' },
  ]);
});

test('Changes of address carry access token', async () => {
  const client = await loggedIn();
  stub.onCall = ({ method }) => (method === 'POST' ? accepted() : noContent());
  await client.changeEmail('ada@example.com');
  await client.removeEmail();
  const calls = stub.of('/email');
  assert.deepEqual(calls.map((call) => [call.method, call.token, call.body]), [
    ['POST', tokenOf(0), '{"email":"ada@example.com"}'], ['DELETE', tokenOf(0), ''],
  ]);
});

test('Login by link opens session by cookie', async () => {
  const client = create({ storage: 'cookie' });
  stub.onCall = () => pair(3);
  const session = await client.loginByLink({ token: 't' });
  assert.equal(session.accessToken, tokenOf(3));
  const [call] = stub.of('/login/link/confirm');
  assert.deepEqual([call.credentials, call.query, call.body], ['include', '?transport=cookie', '{"token":"t"}']);
});

test('Login by link keeps session and device token in storage', async () => {
  const storage = areaOf();
  const client = create({ storage });
  stub.onCall = () => json(200, {
    tokenType: 'Bearer', accessToken: tokenOf(3), expiresIn: 20, refreshToken: 'r3', refreshExpiresIn: 1209600, sessionId: 's1',
  }, { 'X-Device-Token': 'd1' });
  await client.loginByLink({ token: 't', deviceName: 'phone' });
  assert.match([...storage.kept.values()].join(), /"refreshToken":"r3"/);
  assert.match([...storage.kept.values()].join(), /d1/);
});

test('Link that is over opens no session', async () => {
  const client = create();
  stub.onCall = () => problem(400, 'link_invalid');
  await assert.rejects(client.loginByLink({ token: 't' }), { code: 'link_invalid', status: 400 });
  assert.equal(await client.session(), null);
});
