// Refreshes: how many, how often, and what ends a session.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthError } from '../../../src/AuthServer.Client.Web/authserver-client.js';
import { ends, expired, loggedIn, me, stretchTime, stub, time } from './setting.mjs';
import { json, later, page, pair, problem, tokenOf } from './stub.mjs';

test('However many wait, one refresh is made', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  await Promise.all(Array.from({ length: 200 }, () => client.fetch(me)));
  assert.equal(stub.refreshes.length, 1);
  stub.onCall = (call) => (call.token === tokenOf(1) ? expired() : json(200, {}));
  const answers = await Promise.all(Array.from({ length: 200 }, () => client.fetch(me)));
  assert.ok(answers.every((answer) => answer.ok));
  assert.equal(stub.refreshes.length, 2);
});

test('Who has given up before asking is told so, and harms nobody', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  stub.onRefresh = () => problem(403, 'cross_site');
  await assert.rejects(client.fetch(me, { signal: AbortSignal.abort(new Error('enough')) }), /enough/);
  await assert.rejects(client.session(), { code: 'cross_site' });
});

test('Who gives up waiting leaves the refresh to the others', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  const answer = later();
  stub.onRefresh = () => answer;
  const impatient = new AbortController();
  const one = client.fetch(me, { signal: impatient.signal });
  const other = client.fetch(me);
  impatient.abort(new Error('enough'));
  await assert.rejects(one, /enough/);
  answer.resolve(pair(1));
  assert.equal((await other).status, 200);
});

for (const [name, fault] of [
  ['no answer', () => { throw new TypeError('fetch failed'); }],
  ['503', () => problem(503, 'unavailable', {}, { 'Retry-After': '1' })],
  ['429', () => problem(429, 'too_many_requests', {}, { 'Retry-After': '2' })],
  ['500', () => problem(500, 'internal_error')],
  ['502 of a proxy', () => page(502)],
]) {
  test(`Refresh with ${name} is repeated with the same token until it is answered`, async () => {
    const client = await loggedIn();
    time.now = 20_000;
    stub.onRefresh = (n) => (n < 4 ? fault() : pair(1));
    assert.equal((await client.fetch(me)).status, 200);
    assert.deepEqual(stub.presented, ['r0', 'r0', 'r0', 'r0']);
    assert.deepEqual(ends(), []);
  });

  test(`Refresh with ${name} alone fails the request within the grace and keeps the session`, async () => {
    const client = await loggedIn();
    time.now = 20_000;
    stub.onRefresh = fault;
    await assert.rejects(client.fetch(me));
    assert.ok(time.now - 20_000 <= 30_000, `${time.now}`);
    assert.ok(stub.refreshes.length < 15, `${stub.refreshes.length}`);
    stub.onRefresh = () => pair(1);
    time.now += 2000;
    assert.equal((await client.session()).id, 's1');
    assert.deepEqual(ends(), []);
  });
}

test('Refresh without an answer is repeated at once, then after ever longer pauses', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  stub.onRefresh = () => { throw new TypeError('fetch failed'); };
  await assert.rejects(client.fetch(me));
  const [first, ...rest] = time.pauses;
  assert.equal(first, 0);
  rest.forEach((pause, i) => {
    const longest = Math.min(5000, 500 * 2 ** i);
    assert.ok(pause >= longest / 2 && pause <= longest, `${i}: ${pause}`);
  });
});

test('Answer that asks for patience gets it', async () => {
  const client = await loggedIn();
  time.now = 20_000;
  stub.onRefresh = (n) => (n === 1 ? problem(429, 'too_many_requests', {}, { 'Retry-After': '7' }) : pair(1));
  await client.fetch(me);
  assert.deepEqual(time.pauses, [7000]);
});

test('Timers that fire a minute late cause neither a storm nor a logout', async () => {
  stretchTime(240);
  const client = await loggedIn();
  time.now = 20_000;
  stub.onRefresh = () => { throw new TypeError('fetch failed'); };
  for (let i = 0; i < 10; i++) {
    await assert.rejects(client.fetch(me));
  }

  assert.ok(stub.refreshes.length <= 30, `${stub.refreshes.length}`);
  assert.deepEqual(ends(), []);
});

for (const [name, answer] of [
  ['a page in its place', () => page(200)],
  ['a page that forbids', () => page(401)],
  ['JSON of something else', () => json(200, { hello: 'world' })],
  ['a refusal that is not of the session', () => problem(403, 'cross_site')],
]) {
  test(`Refresh that finds ${name} fails the request and keeps the session`, async () => {
    const client = await loggedIn();
    time.now = 20_000;
    stub.onRefresh = answer;
    await assert.rejects(client.fetch(me), AuthError);
    stub.onRefresh = () => pair(1);
    assert.equal((await client.session()).id, 's1');
    assert.deepEqual(ends(), []);
  });
}

for (const code of ['refresh_token_missing', 'refresh_token_invalid', 'refresh_token_expired', 'refresh_token_reused', 'session_ended']) {
  test(`Refresh that is refused as ${code} ends the session`, async () => {
    const client = await loggedIn();
    time.now = 20_000;
    stub.onRefresh = () => problem(401, code, code === 'session_ended' ? { reason: 'revoked' } : {});
    await Promise.all([client.fetch(me), client.fetch(me)]);
    assert.equal(await client.session(), null);
    assert.equal(stub.refreshes.length, 1);
    assert.deepEqual(ends(), [{ type: 'end', code, reason: code === 'session_ended' ? 'revoked' : undefined, id: undefined }]);
    assert.deepEqual(stub.of('/me').map((call) => call.authorization), [null, null]);
  });
}

for (const [name, seconds, attempts] of [['six', 6, 2], ['forty', 40, 3]]) {
  test(`Network that takes ${name} seconds for an answer logs nobody out`, async () => {
    const { timeout } = AbortSignal;
    try {
      const limits = [];
      AbortSignal.timeout = (milliseconds) => {
        limits.push(milliseconds);
        const isTooShort = milliseconds < seconds * 1000;
        time.now += isTooShort ? milliseconds : seconds * 1000;
        const limit = new AbortController();
        isTooShort && queueMicrotask(() => limit.abort(new DOMException('', 'TimeoutError')));
        return limit.signal;
      };
      const client = await loggedIn();
      time.now = 20_000;
      assert.equal((await client.fetch(me)).status, 200);
      assert.equal(stub.refreshes.length, attempts);
      assert.ok(stub.presented.every((token) => token === 'r0'));
      assert.deepEqual(limits, [5000, 10_000, 60_000].slice(0, attempts));
    } finally {
      AbortSignal.timeout = timeout;
    }
  });
}

for (const seconds of [60, 31_536_000]) {
  test(`Server that asks for ${seconds} seconds of rest is left alone by later requests too, for a minute`, async () => {
    const client = await loggedIn();
    time.now = 20_000;
    stub.onRefresh = () => problem(429, 'too_many_requests', {}, { 'Retry-After': `${seconds}` });
    for (let i = 0; i < 50; i++) {
      await assert.rejects(client.fetch(me), { code: 'too_many_requests' });
    }

    assert.equal(stub.refreshes.length, 1);
    stub.onRefresh = () => pair(1);
    time.now += 60_000;
    assert.equal((await client.fetch(me)).status, 200);
  });
}
