// The transport `session`: the server decides by a cookie that no script can see, and no token gets here.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer, asked, challenge, useAuthenticator } from './authenticator.mjs';
import { changes, create, ends, me, noContent, stub } from './setting.mjs';
import { json, problem } from './stub.mjs';

useAuthenticator();

const user = (username = 'ada', sessionId = 's1') => json(200, {
  id: `id of ${username}`, username, displayName: username, roles: ['admin'], admin: true, sessionId,
  issuedAt: '2026-12-01T00:00:00Z', expiresAt: '2026-12-01T00:00:20Z',
});
const opened = () => json(200, { refreshExpiresIn: 1209600, sessionId: 's1' });
const credentials = { username: 'ada', password: 'secret' };

/** A client whose server answers logins, and then the user. */
function open(answers = {}) {
  stub.onLogin = opened;
  stub.onCall = ({ path, method }) => (answers[`${method} ${path}`] ?? answers[path] ?? (path === '/me' ? user : opened))();
  return create({ transport: 'session' });
}

test('Login sets session cookie and brings user without token', async () => {
  const client = open();
  const session = await client.login(credentials);
  const [call] = stub.of('/login');
  assert.deepEqual([call.query, call.credentials], ['?transport=session', 'include']);
  assert.deepEqual([session.id, session.accessToken, session.expiresIn, session.user], [
    's1', '', 20, { id: 'id of ada', username: 'ada', name: 'ada', roles: ['admin'], admin: true },
  ]);
  assert.deepEqual(changes, [{ type: 'login', id: 's1' }]);
  assert.equal(client.getSnapshot().session.user.username, 'ada');
});

test('Every login and second step sets session cookie', async () => {
  const client = open({ '/login/passkey/options': challenge });
  stub.onLogin = () => problem(401, 'second_factor_required', { challenge: 'c', methods: ['totp'] });
  const step = await client.login(credentials);
  assert.equal(step.secondFactor, 'required');
  await client.completeLogin(step, '123456');
  await client.completeLoginByPasskey(step);
  await client.loginByPasskey();
  await client.loginByLink({ token: 't' });
  const sent = stub.calls.filter(({ query }) => query);
  assert.deepEqual(sent.map(({ path, query, credentials }) => [path, query, credentials]), [
    '/login', '/login/second-factor', '/login/second-factor', '/login/passkey', '/login/link/confirm',
  ].map((path) => [path, '?transport=session', 'include']));
  assert.deepEqual(JSON.parse(sent[3].body), answer);
  assert.equal(asked.length, 2);
});

test('Page asks server for session of cookie', async () => {
  const client = open();
  assert.equal(client.getSnapshot().status, 'loading');
  assert.equal((await client.session()).user.name, 'ada');
  await client.session();
  stub.onCall = () => user('Ada');
  assert.equal((await client.session()).user.name, 'Ada');
  assert.equal(client.getSnapshot().session.user.name, 'Ada');
  assert.deepEqual(changes.map(({ type }) => type), ['login', 'refresh']);
  assert.deepEqual(stub.refreshes, []);
});

test('Page without cookie has no session, and failure is no end', async () => {
  const client = open({ '/me': () => problem(401, 'access_token_missing') });
  assert.equal(await client.session(), null);
  assert.deepEqual([client.getSnapshot().status, changes], ['anonymous', []]);
  stub.onCall = () => problem(503, 'unavailable');
  await assert.rejects(client.session(), { code: 'unavailable' });
});

test('Requests to server have cookie, and others pass unchanged', async () => {
  const client = open();
  await client.fetch(me);
  await client.secondFactors();
  await client.reauthenticate('secret');
  await client.fetch('https://elsewhere.example.com/');
  assert.deepEqual(stub.calls.map(({ path, credentials, token }) => [path, credentials, token]), [
    ['/me', 'include', undefined], ['/second-factors', 'include', undefined], ['/reauthenticate', 'include', undefined],
    ['/', 'same-origin', undefined],
  ]);
});

for (const code of ['session_ended', 'session_invalid', 'access_token_missing']) {
  test(`Answer ${code} ends session of cookie`, async () => {
    const client = open({ '/second-factors': () => problem(401, code, { reason: 'revoked' }) });
    await client.login(credentials);
    await assert.rejects(client.secondFactors(), { code });
    assert.deepEqual(ends(), [{ type: 'end', code, reason: 'revoked', id: undefined }]);
    assert.equal(client.getSnapshot().status, 'anonymous');
  });
}

test('Wrong proof and late answer leave session of cookie', async () => {
  const client = open({ '/reauthenticate': () => problem(401, 'invalid_credentials') });
  await client.login(credentials);
  await assert.rejects(client.reauthenticate('wrong'), { code: 'invalid_credentials' });
  stub.onCall = async ({ path }) => {
    if (path === '/me') {
      return user('eve', 's2');
    }

    await client.session();
    return problem(401, 'session_ended');
  };
  await assert.rejects(client.secondFactors(), { code: 'session_ended' });
  assert.deepEqual([ends(), client.getSnapshot().session.id], [[], 's2']);
});

test('Logout removes session cookie once server has answered', async () => {
  const client = open({ '/logout/all': noContent });
  await client.login(credentials);
  stub.onLogout = () => problem(503, 'unavailable');
  await assert.rejects(client.logout(), { code: 'unavailable' });
  assert.equal(client.getSnapshot().status, 'authenticated');
  stub.onLogout = noContent;
  await client.logout({ everywhere: true });
  assert.deepEqual(stub.of('/logout').map(({ credentials }) => credentials), ['include', 'include']);
  assert.deepEqual([stub.of('/logout/all').length, ends().length], [1, 1]);
});

test('Deleted account ends session of cookie with its reason', async () => {
  const client = open({ 'DELETE /me': noContent });
  await client.login(credentials);
  await client.deleteAccount();
  assert.deepEqual(ends(), [{ type: 'end', reason: 'deleted', id: undefined }]);
});

test('Unknown transport and storage without tokens are errors', () => {
  assert.throws(() => create({ transport: 'cookie' }), TypeError);
  assert.throws(() => create({ transport: 'session', storage: 'memory' }), TypeError);
  assert.doesNotThrow(() => create({ transport: 'tokens', storage: 'memory' }));
});
