// Estimates of passwords; and a change of password and a new proof, which replace the tokens of their session.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expired, lost, loggedIn, me, noContent, ends, stub, time } from './setting.mjs';
import { areaOf, json, later, pair, problem, tokenOf } from './stub.mjs';
import { settled } from './fake-clock.mjs';

const passwords = { currentPassword: 'secret', newPassword: 'another' };

test('Estimate of password carries neither token nor cookie', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  const estimate = { acceptable: false, score: 1, detail: 'Is too easy to guess.' };
  stub.onCall = () => json(200, estimate);
  const account = { password: 'another', username: 'ada' };
  assert.deepEqual(await client.estimatePassword(account), estimate);
  const [call] = stub.of('/password/strength');
  assert.deepEqual([call.authorization, call.credentials, JSON.parse(call.body)], [null, 'omit', account]);
});

test('Change of password sends refresh token and keeps new pair', async () => {
  const storage = areaOf();
  const client = await loggedIn({ storage });
  stub.onCall = () => pair(7);
  await client.changePassword(passwords);
  const [call] = stub.of('/password');
  assert.deepEqual(JSON.parse(call.body), { ...passwords, refreshToken: 'r0' });
  assert.deepEqual([call.token, call.credentials, call.query], [tokenOf(0), 'omit', '']);
  assert.equal((await client.session()).accessToken, tokenOf(7));
  assert.match([...storage.kept.values()][0], /"refreshToken":"r7"/);
  time.now = 20_000;
  await client.fetch(me);
  assert.deepEqual(stub.presented, ['r7']);
});

test('Change of password sends cookie, and no token in its body', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  stub.onCall = () => pair(7);
  await client.changePassword(passwords);
  const [call] = stub.of('/password');
  assert.deepEqual(JSON.parse(call.body), passwords);
  assert.deepEqual([call.credentials, call.query], ['include', '?transport=cookie']);
  assert.equal((await client.session()).accessToken, tokenOf(7));
});

test('Change of password waits for refresh under way and presents its token', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  const answer = later();
  stub.onRefresh = () => answer;
  const request = client.fetch(me);
  await settled();
  const change = client.changePassword(passwords);
  await settled();
  assert.equal(stub.of('/password').length, 0);
  stub.onCall = ({ path }) => (path === '/password' ? pair(7) : noContent());
  answer.resolve(pair(1));
  await Promise.all([request, change]);
  assert.equal(JSON.parse(stub.of('/password')[0].body).refreshToken, 'r1');
});

test('Refresh waits for change of password under way', async () => {
  const client = await loggedIn();
  const answer = later();
  stub.onCall = ({ path }) => (path === '/password' ? answer : noContent());
  const change = client.changePassword(passwords);
  await settled();
  time.now = 19_000;
  const request = client.fetch(me);
  await settled();
  assert.equal(stub.refreshes.length, 0);
  answer.resolve(pair(7));
  await Promise.all([request, change]);
  assert.deepEqual(stub.presented.filter((token) => token !== 'r7'), []);
});

test('Change with expired access token is sent again after refresh', async () => {
  const client = await loggedIn();
  stub.onCall = ({ token }) => (token === tokenOf(0) ? expired() : pair(7));
  await client.changePassword(passwords);
  assert.deepEqual(stub.of('/password').map((call) => JSON.parse(call.body).refreshToken), ['r0', 'r1']);
});

test('Cookie of another session does not prevent change of password', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  stub.onCall = ({ credentials }) => (credentials === 'include' ? problem(400, 'token_mismatch') : noContent());
  await client.changePassword(passwords);
  assert.equal(stub.of('/password').at(-1).credentials, 'omit');
});

test('Change of password goes on in session that replaced its own elsewhere', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  const replaced = problem(401, 'session_ended', { reason: 'replaced' });
  stub.onCall = ({ token }) => (token === tokenOf(0) ? replaced : pair(7, 's2', 'ada'));
  stub.onRefresh = () => pair(1, 's2', 'ada');
  await client.changePassword(passwords);
  assert.deepEqual(stub.of('/password').map((call) => call.token), [tokenOf(0), tokenOf(1)]);
  assert.equal((await client.session()).accessToken, tokenOf(7));
});

test('Password is not changed for another user who has logged in elsewhere', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  stub.onCall = () => problem(401, 'session_ended', { reason: 'replaced' });
  stub.onRefresh = () => pair(1, 's2', 'eve');
  await assert.rejects(client.changePassword(passwords), { code: 'access_token_missing', status: 0 });
  assert.deepEqual(stub.of('/password').map((call) => call.token), [tokenOf(0)]);
  assert.deepEqual(ends(), []);
});

test('Reused token ends session and other failures do not', async () => {
  const client = await loggedIn();
  stub.onCall = () => problem(401, 'invalid_credentials');
  await assert.rejects(client.changePassword(passwords), { code: 'invalid_credentials' });
  stub.onCall = lost;
  await assert.rejects(client.changePassword(passwords), TypeError);
  assert.deepEqual(ends(), []);
  stub.onCall = () => problem(401, 'refresh_token_reused');
  await assert.rejects(client.changePassword(passwords), { code: 'refresh_token_reused' });
  assert.deepEqual(ends().map(({ code }) => code), ['refresh_token_reused']);
  assert.equal(await client.session(), null);
});

test('New proof sends refresh token and keeps new pair', async () => {
  const client = await loggedIn();
  stub.onCall = () => pair(7);
  await client.reauthenticate('secret');
  const [call] = stub.of('/reauthenticate');
  assert.deepEqual(JSON.parse(call.body), { password: 'secret', refreshToken: 'r0' });
  assert.deepEqual([call.token, call.credentials, call.query], [tokenOf(0), 'omit', '']);
  assert.equal((await client.session()).accessToken, tokenOf(7));
  assert.deepEqual(stub.presented, []);
});

test('New proof sends cookie, and no token in its body', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  stub.onCall = () => pair(7);
  await client.reauthenticate('secret');
  const [call] = stub.of('/reauthenticate');
  assert.deepEqual(JSON.parse(call.body), { password: 'secret' });
  assert.deepEqual([call.credentials, call.query], ['include', '?transport=cookie']);
  assert.equal((await client.session()).accessToken, tokenOf(7));
});

test('New proof without new pair makes next request refresh', async () => {
  const client = await loggedIn({ storage: 'cookie' });
  stub.onCall = ({ credentials }) => (credentials === 'include' ? problem(400, 'token_mismatch') : noContent());
  await client.reauthenticate('secret');
  assert.equal(stub.of('/reauthenticate').at(-1).credentials, 'omit');
  assert.equal(stub.refreshes.length, 0);
  await client.fetch(me);
  assert.equal(stub.refreshes.length, 1);
});

test('Wrong password of new proof keeps session', async () => {
  const client = await loggedIn();
  stub.onCall = () => problem(401, 'invalid_credentials');
  await assert.rejects(client.reauthenticate('wrong'), { code: 'invalid_credentials' });
  assert.deepEqual(ends(), []);
  assert.equal((await client.session()).accessToken, tokenOf(0));
});
