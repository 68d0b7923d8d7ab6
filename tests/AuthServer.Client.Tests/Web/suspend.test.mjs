// Clocks of a device that was suspended or set: performance.now() stands still meanwhile, or the time of day jumps.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, loggedIn, me, stub, time } from './setting.mjs';
import { pair, tokenOf } from './stub.mjs';

for (const [name, ahead, now] of [
  ['suspend of minute', 60_000, 1000],
  ['suspend up to its last two seconds', 17_000, 1000],
  ['time of day set ahead', 3_600_000, 1000],
  ['time of day set back', -3_600_000, 1000],
  ['time of day set back during suspend', -5000, 10_000],
  ['its lifetime without suspend', 0, 18_000],
]) {
  test(`Token is not handed out after ${name}`, async () => {
    const client = await loggedIn();
    [time.ahead, time.now] = [ahead, now];
    assert.equal((await client.session()).accessToken, tokenOf(1));
    await client.fetch(me);
    assert.equal(stub.of('/me')[0].token, tokenOf(1));
    assert.equal(stub.refreshes.length, 1);
  });
}

for (const [name, ahead, now] of [['short suspend', 10_000, 5000], ['drift of clocks', -900, 17_000]]) {
  test(`Token is used on after ${name}`, async () => {
    const client = await loggedIn();
    [time.ahead, time.now] = [ahead, now];
    assert.equal((await client.session()).accessToken, tokenOf(0));
  });
}

for (const [name, lost] of [['suspend', 1], ['suspend each time', 9]]) {
  test(`Token that expired during its refresh by ${name} is refreshed once`, async () => {
    const client = await loggedIn();
    time.now = 20_000;
    stub.onRefresh = (n) => { time.ahead += n <= lost ? 60_000 : 0; return pair(n); };
    assert.equal((await client.session()).accessToken, tokenOf(2));
    assert.deepEqual(stub.presented, ['r0', 'r1']);
  });
}

test('Suspend during request counts for its token', async () => {
  const client = create();
  stub.onLogin = ((answer) => () => { time.ahead = 60_000; return answer(); })(stub.onLogin);
  await client.login({ username: 'ada', password: 'secret' });
  assert.equal((await client.session()).accessToken, tokenOf(1));
});
