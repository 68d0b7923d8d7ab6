// Second factors: of logins, and of the user.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer, asked, challenge, useAuthenticator } from './authenticator.mjs';
import { create, loggedIn, noContent, stub } from './setting.mjs';
import { json, pair, problem, tokenOf } from './stub.mjs';

const step = (code) => problem(code === 'second_factor_required' ? 401 : 403, code, {
  challenge: 'c', expiresIn: 300, methods: ['totp'],
});

useAuthenticator();

test('Login returns step and code completes it by cookie', async () => {
  const client = create({ storage: 'cookie' });
  stub.onLogin = () => step('second_factor_required');
  stub.onCall = () => pair(3);
  const result = await client.login({ username: 'ada', password: 'secret' });
  assert.deepEqual(result, { secondFactor: 'required', challenge: 'c', expiresIn: 300, methods: ['totp'] });
  const session = await client.completeLogin(result, '123456');
  assert.equal(session.accessToken, tokenOf(3));
  const [call] = stub.of('/login/second-factor');
  assert.deepEqual(
    [call.credentials, call.query, call.body, call.authorization],
    ['include', '?transport=cookie', '{"challenge":"c","code":"123456"}', null]);
});

test('Passkey completes login by cookie', async () => {
  const client = create({ storage: 'cookie' });
  stub.onLogin = () => step('second_factor_required');
  stub.onCall = ({ path }) => (path === '/login/second-factor' ? pair(3) : challenge());
  const result = await client.login({ username: 'ada', password: 'secret' });
  const { signal } = new AbortController();
  assert.equal((await client.completeLoginByPasskey(result, { signal })).accessToken, tokenOf(3));
  assert.deepEqual(asked, [{ publicKey: { parsed: { challenge: 'c' } }, signal }]);
  const [options] = stub.of('/login/passkey/options');
  assert.deepEqual([options.credentials, options.authorization, options.body], ['omit', null, '{"challenge":"c"}']);
  const [call] = stub.of('/login/second-factor');
  assert.deepEqual([call.credentials, call.query], ['include', '?transport=cookie']);
  assert.deepEqual(JSON.parse(call.body), { challenge: 'c', ...answer });
});

test('Step stays usable after refused passkey', async () => {
  const client = create();
  stub.onLogin = () => step('second_factor_required');
  stub.onCall = ({ path }) => (path === '/login/second-factor' ? pair(3) : challenge());
  const result = await client.login({ username: 'ada', password: 'secret' });
  navigator.credentials.get = async () => { throw new DOMException('refused', 'NotAllowedError'); };
  await assert.rejects(client.completeLoginByPasskey(result), { name: 'NotAllowedError' });
  assert.deepEqual(stub.of('/login/second-factor'), []);
  assert.equal((await client.completeLogin(result, '123456')).accessToken, tokenOf(3));
});

test('Step opens no session and wrong code is error', async () => {
  const client = create();
  stub.onLogin = () => step('second_factor_required');
  stub.onCall = () => problem(401, 'second_factor_invalid');
  const result = await client.login({ username: 'ada', password: 'secret' });
  assert.equal(await client.session(), null);
  await assert.rejects(client.completeLogin(result, '000000'), { code: 'second_factor_invalid' });
});

test('Link returns step too', async () => {
  const client = create();
  stub.onCall = () => step('second_factor_required');
  assert.equal((await client.loginByLink({ token: 't' })).secondFactor, 'required');
});

test('Factor is set up at login without token', async () => {
  const client = await loggedIn();
  stub.onLogin = () => step('second_factor_setup_required');
  stub.onCall = ({ path }) => json(200, path.endsWith('/confirm') ? { recoveryCodes: ['a'] } : { secret: 's' });
  const result = await client.login({ username: 'ada', password: 'secret' });
  assert.equal(result.secondFactor, 'setup');
  assert.deepEqual(await client.beginTotp(result), { secret: 's' });
  assert.deepEqual(await client.confirmTotp('123456', result), ['a']);
  const calls = [...stub.of('/login/second-factor/totp'), ...stub.of('/login/second-factor/totp/confirm')];
  assert.deepEqual(calls.map((call) => [call.authorization, call.body]), [
    [null, '{"challenge":"c"}'], [null, '{"challenge":"c","code":"123456"}'],
  ]);
});

test('Changes of factors carry access token', async () => {
  const client = await loggedIn();
  stub.onCall = ({ method, path }) => (method === 'DELETE' ? noContent()
    : path.endsWith('codes') || path.endsWith('confirm') ? json(200, { recoveryCodes: ['a'] }) : json(200, { required: true }));
  await client.secondFactors();
  await client.requireSecondFactor(true);
  await client.beginTotp();
  assert.deepEqual(await client.confirmTotp('123456'), ['a']);
  assert.deepEqual(await client.replaceRecoveryCodes(), ['a']);
  await client.removeTotp();
  const calls = ['', '/totp', '/totp/confirm', '/recovery-codes'].flatMap((path) => stub.of(`/second-factors${path}`));
  assert.deepEqual(calls.map((call) => [call.method, call.token, call.body]), [
    ['GET', tokenOf(0), ''], ['PATCH', tokenOf(0), '{"required":true}'], ['POST', tokenOf(0), ''], ['DELETE', tokenOf(0), ''],
    ['POST', tokenOf(0), '{"code":"123456"}'], ['POST', tokenOf(0), ''],
  ]);
});
