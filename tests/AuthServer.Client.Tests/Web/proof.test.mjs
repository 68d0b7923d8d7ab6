// New proofs of who the user is, by password, passkey and mail, and the first password of an account.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer, asked, challenge, useAuthenticator } from './authenticator.mjs';
import { ends, loggedIn, me, noContent, stub } from './setting.mjs';
import { json, pair, problem, tokenOf } from './stub.mjs';

const factorRequired = () => problem(401, 'second_factor_required', { methods: ['totp', 'recovery_code'] });
const bodies = (path) => stub.of(path).map((call) => JSON.parse(call.body));

useAuthenticator();

test('Proof without code returns which factors there are', async () => {
  const client = await loggedIn();
  stub.onCall = factorRequired;
  const step = { isFresh: false, secondFactor: 'required', methods: ['totp', 'recovery_code'] };
  assert.deepEqual(await client.reauthenticate('secret'), step);
  assert.deepEqual(await client.reauthenticateByMail('12345678'), step);
  assert.deepEqual(ends(), []);
  assert.equal((await client.session()).accessToken, tokenOf(0));
});

test('Proof with code is complete and replaces tokens', async () => {
  const client = await loggedIn();
  stub.onCall = ({ body }) => (JSON.parse(body).code ? pair(7) : factorRequired());
  assert.deepEqual(await client.reauthenticate('secret', '123456'), { isFresh: true });
  assert.equal((await client.session()).accessToken, tokenOf(7));
  assert.deepEqual(await client.reauthenticateByMail('12345678', '123456'), { isFresh: true });
  assert.deepEqual(bodies('/reauthenticate'), [
    { password: 'secret', code: '123456', refreshToken: 'r0' }, { mailCode: '12345678', code: '123456', refreshToken: 'r7' },
  ]);
});

test('Change of password without code throws which factors there are', async () => {
  const client = await loggedIn();
  stub.onCall = factorRequired;
  const change = client.changePassword({ currentPassword: 'secret', newPassword: 'another' });
  await assert.rejects(change, { code: 'second_factor_required', methods: ['totp', 'recovery_code'] });
});

test('Options for proof are read with access token', async () => {
  const client = await loggedIn();
  stub.onCall = () => json(200, { methods: ['password', 'passkey'], secondFactors: ['totp'], state: 's', options: {} });
  assert.deepEqual(await client.reauthenticationOptions(), { methods: ['password', 'passkey'], secondFactors: ['totp'] });
  const [call] = stub.of('/reauthenticate/options');
  assert.deepEqual([call.method, call.token, call.body], ['POST', tokenOf(0), '']);
});

test('Proof by passkey replaces tokens', async () => {
  const client = await loggedIn();
  stub.onCall = ({ path }) => (path === '/reauthenticate' ? pair(7) : challenge());
  const { signal } = new AbortController();
  await client.reauthenticateByPasskey({ signal });
  assert.deepEqual(asked, [{ publicKey: { parsed: { challenge: 'c' } }, signal }]);
  assert.equal(stub.of('/reauthenticate/options')[0].token, tokenOf(0));
  assert.deepEqual(bodies('/reauthenticate'), [{ ...answer, refreshToken: 'r0' }]);
  assert.equal((await client.session()).accessToken, tokenOf(7));
});

test('Proof by passkey sends cookie, and no token in its body', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  stub.onCall = ({ path }) => (path === '/reauthenticate' ? pair(7) : challenge());
  await client.reauthenticateByPasskey();
  const [call] = stub.of('/reauthenticate');
  assert.deepEqual([call.credentials, call.query], ['include', '?transport=cookie']);
  assert.deepEqual(bodies('/reauthenticate'), [answer]);
});

test('Refused and missing passkeys prove nothing', async () => {
  const client = await loggedIn();
  stub.onCall = () => json(200, { methods: ['password'], secondFactors: [], state: null, options: null });
  await assert.rejects(client.reauthenticateByPasskey(), { code: 'not_found', status: 0 });
  stub.onCall = challenge;
  navigator.credentials.get = async () => { throw new DOMException('refused', 'NotAllowedError'); };
  await assert.rejects(client.reauthenticateByPasskey(), { name: 'NotAllowedError' });
  delete globalThis.PublicKeyCredential;
  await assert.rejects(client.reauthenticateByPasskey(), TypeError);
  assert.deepEqual(stub.of('/reauthenticate'), []);
});

test('First password replaces tokens, or makes next request refresh', async () => {
  const client = await loggedIn();
  stub.onCall = () => pair(7);
  await client.setPassword('another');
  assert.deepEqual(bodies('/password'), [{ newPassword: 'another', refreshToken: 'r0' }]);
  assert.equal((await client.session()).accessToken, tokenOf(7));
  stub.onCall = noContent;
  await client.setPassword('another');
  await client.fetch(me);
  assert.deepEqual(stub.presented, ['r7']);
});

test('First password needs fresh proof', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  stub.onCall = () => problem(403, 'reauthentication_required');
  await assert.rejects(client.setPassword('another'), { code: 'reauthentication_required', status: 403 });
  assert.deepEqual(bodies('/password'), [{ newPassword: 'another' }]);
  assert.deepEqual(ends(), []);
});
