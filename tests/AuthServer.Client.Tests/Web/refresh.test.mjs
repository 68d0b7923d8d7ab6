// Number of refreshes, and answers that end a session. The moments of retries are in a table.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthError } from '../../../src/AuthServer.Client.Web/authserver-client.js';
import { ends, expired, loggedIn, lost, me, stub, time } from './setting.mjs';
import { json, later, page, pair, problem, tokenOf } from './stub.mjs';

test('Any number of waiting requests make one refresh', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  await Promise.all(Array.from({ length: 200 }, () => client.fetch(me)));
  assert.equal(stub.refreshes.length, 1);
  stub.onCall = (call) => (call.token === tokenOf(1) ? expired() : json(200, {}));
  const answers = await Promise.all(Array.from({ length: 200 }, () => client.fetch(me)));
  assert.ok(answers.every((answer) => answer.ok));
  assert.equal(stub.refreshes.length, 2);
});

test('Request that was aborted before it began is rejected', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  stub.onRefresh = () => problem(403, 'cross_site');
  await assert.rejects(client.fetch(me, { signal: AbortSignal.abort(new Error('enough')) }), /enough/);
  assert.equal(stub.refreshes.length, 0);
  await assert.rejects(client.session(), { code: 'cross_site' });
});

test('Request aborted while it waits leaves refresh to another', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  const answer = later();
  stub.onRefresh = () => answer;
  const controller = new AbortController();
  const one = client.fetch(me, { signal: controller.signal });
  const other = client.fetch(me);
  controller.abort(new Error('enough'));
  await assert.rejects(one, /enough/);
  answer.resolve(pair(1));
  assert.equal((await other).status, 200);
});

test('Request that is aborted in pause leaves no timer behind', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  stub.onRefresh = lost;
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('enough')), 500);
  await assert.rejects(time.until(client.fetch(me, { signal: controller.signal })), /enough/);
  assert.equal(time.timers, 1, 'only the timeout of the attempt');
});

test('Timers that fire minutes late cause neither flood nor logout', async () => {
  time.stretch = 240;
  const client = await loggedIn();
  time.now = 20_000;
  stub.onRefresh = lost;
  for (let i = 0; i < 10; i++) {
    await assert.rejects(time.until(client.fetch(me)));
  }

  assert.ok(stub.refreshes.length <= 30, `${stub.refreshes.length}`);
  assert.deepEqual(ends(), []);
});

for (const [name, answer] of [
  ['a page', () => page(200)],
  ['a page that forbids', () => page(401)],
  ['other JSON', () => json(200, { hello: 'world' })],
  ['a refusal of another kind', () => problem(403, 'cross_site')],
]) {
  test(`Refresh answered with ${name} keeps session`, async () => {
    const client = await loggedIn();
    time.now = 20_000;
    stub.onRefresh = answer;
    await assert.rejects(client.fetch(me), AuthError);
    stub.onRefresh = () => pair(1);
    assert.equal((await client.session()).id, 's1');
    assert.deepEqual(ends(), []);
  });
}

for (const [code, reason] of [
  ['refresh_token_missing'],
  ['refresh_token_invalid'],
  ['refresh_token_expired'],
  ['refresh_token_reused'],
  ['session_ended', 'revoked'],
]) {
  test(`Refresh that is refused as ${code} ends session`, async () => {
    const client = await loggedIn();
    time.now = 20_000;
    stub.onRefresh = () => problem(401, code, { reason });
    await Promise.all([client.fetch(me), client.fetch(me)]);
    assert.equal(await client.session(), null);
    assert.equal(stub.refreshes.length, 1);
    assert.deepEqual(ends(), [{ type: 'end', code, reason, id: undefined }]);
    assert.deepEqual(stub.of('/me').map((call) => call.authorization), [null, null]);
  });
}
