// Passkeys, with a browser that answers at once.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { supportsPasskeyOffers, supportsPasskeys } from '../../../src/AuthServer.Client.Web/authserver-client.js';
import { asked, challenge, letUserWait, useAuthenticator } from './authenticator.mjs';
import { settled } from './fake-clock.mjs';
import { create, loggedIn, noContent, stub, time } from './setting.mjs';
import { json, pair, problem, tokenOf } from './stub.mjs';

useAuthenticator();

test('Passkey is registered with access token', async () => {
  const client = await loggedIn();
  stub.onCall = ({ path }) => (path === '/passkeys' ? json(201, { id: 'p', name: 'Phone' }) : challenge());
  assert.deepEqual(await client.registerPasskey('Phone'), { id: 'p', name: 'Phone' });
  assert.deepEqual(asked, [{ publicKey: { parsed: { challenge: 'c' } } }]);
  assert.equal(stub.of('/passkeys/options')[0].token, tokenOf(0));
  const [call] = stub.of('/passkeys');
  assert.deepEqual([call.token, JSON.parse(call.body)], [tokenOf(0), { state: 's', credential: { id: 'i' }, name: 'Phone' }]);
});

test('Login by passkey opens session by cookie', async () => {
  const client = create({ storage: 'cookie' });
  stub.onCall = ({ path }) => (path === '/login/passkey' ? pair(3) : challenge());
  assert.equal((await client.loginByPasskey({ deviceName: 'phone' })).accessToken, tokenOf(3));
  const [options] = stub.of('/login/passkey/options');
  assert.deepEqual([options.authorization, options.credentials, options.query, options.body], [null, 'omit', '', '']);
  const [call] = stub.of('/login/passkey');
  assert.deepEqual([call.credentials, call.query], ['include', '?transport=cookie']);
  assert.deepEqual(JSON.parse(call.body), { state: 's', credential: { id: 'i' }, deviceName: 'phone' });
});

test('Offer in field is made with mediation and ends with signal', async () => {
  const client = create();
  const { signal } = new AbortController();
  stub.onCall = ({ path }) => (path === '/login/passkey' ? pair(3) : challenge());
  await client.loginByPasskey({ mediation: 'conditional', signal });
  assert.equal(asked[0].mediation, 'conditional');
  const gone = AbortSignal.abort();
  navigator.credentials.get = async () => { throw gone.reason; };
  await assert.rejects(client.loginByPasskey({ mediation: 'conditional', signal: gone }), { name: 'AbortError' });
});

test('Refusal of user opens no session', async () => {
  const client = create();
  stub.onCall = challenge;
  navigator.credentials.get = async () => { throw new DOMException('refused', 'NotAllowedError'); };
  await assert.rejects(client.loginByPasskey(), { name: 'NotAllowedError' });
  assert.deepEqual(stub.of('/login/passkey'), []);
});

test('Passkey is renamed and removed with access token', async () => {
  const client = await loggedIn();
  stub.onCall = noContent;
  await client.renamePasskey('a/b', 'Phone');
  await client.removePasskey('a/b');
  assert.deepEqual(stub.of('/passkeys/a%2Fb').map((call) => [call.method, call.token, call.body]), [
    ['PATCH', tokenOf(0), '{"name":"Phone"}'], ['DELETE', tokenOf(0), ''],
  ]);
});

test('Refused passkey and browser without passkeys are errors', async () => {
  const client = create();
  stub.onCall = ({ path }) => (path === '/login/passkey' ? problem(401, 'invalid_credentials') : challenge());
  await assert.rejects(client.loginByPasskey(), { code: 'invalid_credentials' });
  delete globalThis.PublicKeyCredential;
  await assert.rejects(client.loginByPasskey(), TypeError);
});

test('Button ends offer and asks after it', async () => {
  const client = create();
  stub.onCall = ({ path }) => (path === '/login/passkey' ? pair(3) : challenge());
  const { get } = navigator.credentials;
  letUserWait();
  const offered = assert.rejects(client.loginByPasskey({ mediation: 'conditional' }), { name: 'AbortError' });
  await settled();
  navigator.credentials.get = get;
  await client.loginByPasskey();
  await offered;
  assert.deepEqual(asked.map((question) => [question.mediation, question.signal?.aborted]), [
    ['conditional', true], [undefined, undefined],
  ]);
});

test('Button ends offer of another client that waits for options', async () => {
  stub.onCall = ({ signal }) => new Promise((_, reject) => { signal.addEventListener('abort', () => reject(signal.reason)); });
  const offered = assert.rejects(create().loginByPasskey({ mediation: 'conditional' }), { name: 'AbortError' });
  await settled();
  stub.onCall = ({ path }) => (path === '/login/passkey' ? pair(3) : challenge());
  await create().loginByPasskey();
  await offered;
});

test('Registration ends offer, and newer offer takes place of older one', async () => {
  const client = await loggedIn();
  stub.onCall = ({ path }) => (path === '/passkeys' ? json(201, { id: 'p' }) : challenge());
  letUserWait();
  const older = assert.rejects(client.loginByPasskey({ mediation: 'conditional' }), { name: 'AbortError' });
  await settled();
  const newer = assert.rejects(client.loginByPasskey({ mediation: 'conditional' }), { name: 'AbortError' });
  await older;
  await settled();
  assert.deepEqual(asked.map(({ signal }) => signal.aborted), [true, false]);
  await client.registerPasskey();
  await newer;
});

test('Offer gets new options before they are over', async () => {
  const client = create();
  stub.onCall = challenge;
  letUserWait();
  const ended = new AbortController();
  const offered = assert.rejects(
    client.loginByPasskey({ mediation: 'conditional', signal: ended.signal }), { name: 'AbortError' });
  await settled();
  assert.equal(stub.of('/login/passkey/options').length, 1);
  const renewed = new Promise((resolve) => {
    stub.onCall = () => { resolve(); return challenge(); };
  });
  await time.until(renewed);
  assert.equal(time.now, 240_000);
  await settled();
  ended.abort();
  await offered;
  assert.deepEqual(asked.map(({ signal }) => signal.aborted), [true, true]);
});

test('Browser without JSON forms gets and gives bytes', async () => {
  const bytes = (...values) => Uint8Array.from(values).buffer;
  globalThis.PublicKeyCredential = {};
  const client = await loggedIn();
  const options = {
    challenge: '-_8', user: { id: 'AQI', name: 'ada' }, excludeCredentials: [{ id: 'Aw', type: 'public-key' }], timeout: 5,
  };
  const made = {
    id: '-_8', rawId: bytes(251, 255), type: 'public-key', getClientExtensionResults: () => ({}),
    response: { clientDataJSON: bytes(1), attestationObject: bytes(2, 3, 4), getTransports: () => ['internal'] },
  };
  navigator.credentials.create = async (question) => { asked.push(question); return made; };
  stub.onCall = ({ path }) => json(200, path === '/passkeys' ? {} : { state: 's', options });
  await client.registerPasskey();
  const { challenge: given, user, excludeCredentials, timeout } = asked[0].publicKey;
  assert.deepEqual(
    [[...given], [...user.id], user.name, [...excludeCredentials[0].id], excludeCredentials[0].type, timeout],
    [[251, 255], [1, 2], 'ada', [3], 'public-key', 5]);
  assert.deepEqual(JSON.parse(stub.of('/passkeys')[0].body).credential, {
    id: '-_8', rawId: '-_8', type: 'public-key', clientExtensionResults: {},
    response: { clientDataJSON: 'AQ', attestationObject: 'AgME', transports: ['internal'] },
  });
});

test('Password manager without JSON forms logs in', async () => {
  const bytes = (value) => Uint8Array.of(value).buffer;
  const client = create();
  const illegal = () => { throw new TypeError('Illegal invocation'); };
  navigator.credentials.get = async () => ({
    id: 'AQ', rawId: bytes(1), type: 'public-key', authenticatorAttachment: 'platform', getClientExtensionResults: illegal,
    toJSON: illegal,
    response: {
      clientDataJSON: bytes(2), authenticatorData: bytes(3), signature: bytes(4), userHandle: null, getTransports: illegal,
      get attestationObject() { return illegal(); },
    },
  });
  stub.onCall = ({ path }) => (path === '/login/passkey' ? pair(3) : challenge());
  await client.loginByPasskey();
  assert.deepEqual(JSON.parse(stub.of('/login/passkey')[0].body).credential, {
    id: 'AQ', rawId: 'AQ', type: 'public-key', authenticatorAttachment: 'platform', clientExtensionResults: {},
    response: { clientDataJSON: 'Ag', authenticatorData: 'Aw', signature: 'BA' },
  });
});

test('Support of passkeys and of offers is known beforehand', async () => {
  assert.deepEqual([supportsPasskeys(), await supportsPasskeyOffers()], [true, false]);
  PublicKeyCredential.isConditionalMediationAvailable = async () => true;
  assert.equal(await supportsPasskeyOffers(), true);
  delete globalThis.PublicKeyCredential;
  assert.deepEqual([supportsPasskeys(), await supportsPasskeyOffers()], [false, false]);
});
