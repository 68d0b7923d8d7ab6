// Passkeys, with a browser that answers at once.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { create, loggedIn, noContent, stub } from './setting.mjs';
import { json, pair, problem, tokenOf } from './stub.mjs';

const challenge = () => json(200, { state: 's', options: { challenge: 'c' } });
const credential = { toJSON: () => ({ id: 'i' }) };
const own = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
let asked;

beforeEach(() => {
  asked = [];
  const parsed = (options) => ({ parsed: options });
  globalThis.PublicKeyCredential = { parseCreationOptionsFromJSON: parsed, parseRequestOptionsFromJSON: parsed };
  const answer = async (question) => { asked.push(question); return credential; };
  Object.defineProperty(globalThis, 'navigator', { value: { credentials: { create: answer, get: answer } }, configurable: true });
});

afterEach(() => {
  delete globalThis.PublicKeyCredential;
  delete globalThis.navigator;
  own && Object.defineProperty(globalThis, 'navigator', own);
});

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
