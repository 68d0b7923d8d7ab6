// The device token: it outlives the session, and the next login sends it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, loggedIn, me, stub } from './setting.mjs';
import { areaOf, pair, problem } from './stub.mjs';

const credentials = { username: 'ada', password: 'secret' };

/** A pair with a device token. */
function pairOf(device, ...rest) {
  const answer = pair(0, ...rest);
  answer.headers.set('X-Device-Token', device);
  return answer;
}

const sent = (path = '/login') => stub.of(path).map((call) => call.device);

test('Login sends device token of last login', async () => {
  stub.onLogin = () => pairOf(`d${stub.of('/login').length}`);
  const client = await loggedIn();
  await client.fetch(me);
  await client.logout();
  await client.login(credentials);
  await client.login(credentials);
  assert.deepEqual(sent(), [null, 'd1', 'd2']);
  assert.deepEqual([...sent('/me'), ...sent('/logout')], [null, null]);
});

test('Device token outlives session and page', async () => {
  stub.onLogin = () => pairOf('d1');
  const storage = areaOf();
  const first = await loggedIn({ storage });
  assert.equal([...storage.kept.values()].join(), '{"id":"s1","user":"id of ada","refreshToken":"r0","deviceToken":"d1"}');
  await first.logout();
  assert.equal([...storage.kept.values()].join(), '{"deviceToken":"d1"}');
  const second = create({ storage });
  assert.equal(await second.session(), null);
  await second.login(credentials);
  assert.deepEqual(sent(), [null, 'd1']);
});

test('End of session keeps device token', async () => {
  stub.onLogin = () => pairOf('d1');
  const client = await loggedIn();
  stub.onCall = () => problem(401, 'session_ended', { reason: 'revoked' });
  await client.fetch(me);
  assert.equal(await client.session(), null);
  await client.login(credentials);
  assert.deepEqual(sent(), [null, 'd1']);
});

test('Refused login keeps device token', async () => {
  stub.onLogin = () => pairOf('d1');
  const client = await loggedIn();
  stub.onLogin = () => problem(401, 'invalid_credentials');
  await assert.rejects(client.login(credentials));
  await assert.rejects(client.login(credentials));
  assert.deepEqual(sent(), [null, 'd1', 'd1']);
});

test('Change of password sends device token and keeps that of answer', async () => {
  stub.onLogin = () => pairOf('d1');
  const client = await loggedIn();
  stub.onCall = () => pairOf('d2');
  await client.changePassword({ currentPassword: 'secret', newPassword: 'another' });
  await client.login(credentials);
  assert.deepEqual([...sent('/password'), ...sent()], ['d1', null, 'd2']);
});

for (const deviceToken of [7, '', ' ', 'd1\n', 'dé', '기기', {}]) {
  test(`Stored ${JSON.stringify(deviceToken)} is no device token`, async () => {
    const kept = JSON.stringify({ id: 's1', refreshToken: 'r0', deviceToken });
    const storage = areaOf(new Map([['authserver:custom:https://auth.example.com/', kept]]));
    const client = create({ storage });
    assert.equal((await client.session()).user.name, 'ada');
    stub.onLogin = () => pairOf('d2');
    await client.login(credentials);
    await client.login(credentials);
    assert.deepEqual(sent(), [null, 'd2']);
  });
}
