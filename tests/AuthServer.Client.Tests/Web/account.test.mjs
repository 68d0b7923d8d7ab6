// The user's own data: profile, export, and the end of the account.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, loggedIn, noContent, stub } from './setting.mjs';
import { json, problem, tokenOf } from './stub.mjs';

test('Change of profile carries access token, and next request refreshes', async () => {
  const client = await loggedIn();
  stub.onCall = () => json(200, { username: 'grace', displayName: 'Grace' });
  assert.equal((await client.updateProfile({ displayName: 'Grace', locale: null })).displayName, 'Grace');
  assert.equal((await client.changeUsername('grace')).username, 'grace');
  const calls = stub.of('/me');
  assert.deepEqual(calls.map((call) => [call.method, call.token, call.body]), [
    ['PATCH', tokenOf(0), '{"displayName":"Grace","locale":null}'], ['PATCH', tokenOf(1), '{"username":"grace"}'],
  ]);
  assert.equal(stub.of('/refresh').length, 1);
});

test('Export returns what is stored', async () => {
  const client = await loggedIn();
  stub.onCall = () => json(200, { account: { username: 'ada' } });
  assert.deepEqual(await client.export(), { account: { username: 'ada' } });
  const [call] = stub.of('/me/export');
  assert.deepEqual([call.method, call.token, call.body], ['GET', tokenOf(0), '']);
});

test('Deleted account leaves no session in page', async () => {
  const client = await loggedIn();
  const changes = [];
  client.onChange((session, change) => changes.push([session, change]));
  stub.onCall = () => noContent();
  await client.deleteAccount();
  assert.equal(await client.session(), null);
  assert.deepEqual(changes, [[null, { type: 'end', reason: 'deleted' }]]);
  assert.deepEqual(stub.of('/me').map((call) => [call.method, call.token]), [['DELETE', tokenOf(0)]]);
  assert.equal(stub.of('/logout').length, 0);
});

test('Deleted account leaves no cookie, also if page had not used it', async () => {
  stub.cookie = true;
  const client = create({ storage: 'cookie' });
  stub.onCall = () => noContent();
  await client.deleteAccount();
  assert.equal(await client.session(), null);
  assert.equal(stub.of('/me')[0].token, tokenOf(1));
  assert.deepEqual(stub.of('/logout').map((call) => call.credentials), ['include']);
});

test('Refused deletion keeps session', async () => {
  const client = await loggedIn();
  stub.onCall = () => problem(403, 'reauthentication_required');
  await assert.rejects(client.deleteAccount(), { code: 'reauthentication_required' });
  assert.notEqual(await client.session(), null);
});
