// Storages of the part of a session that outlives a page.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, loggedIn, me, stub, time } from './setting.mjs';
import { areaOf } from './stub.mjs';

test('Storage of program restores session, and shares it', async () => {
  const storage = areaOf();
  const { kept } = storage;
  const first = await loggedIn({ storage });
  assert.equal([...kept.values()].join(), '{"id":"s1","user":"id of ada","refreshToken":"r0"}');
  const second = create({ storage });
  assert.equal((await second.session()).user.name, 'ada');
  time.now = 20_000;
  await first.fetch(me);
  assert.deepEqual(stub.presented, ['r0', 'r1']);
  await second.logout();
  await first.fetch(me);
  time.now = 40_000;
  assert.equal(await first.session(), null);
  assert.equal(kept.size, 0);
});

for (const [name, storage] of [
  ['was edited by hand', { getItem: () => '{"id":', setItem() {}, removeItem() {} }],
  ['holds something else', { getItem: () => '[1]', setItem() {}, removeItem() {} }],
  ['is blocked', { getItem() { throw new Error('SecurityError'); }, setItem() {}, removeItem() {} }],
]) {
  test(`Storage that ${name} counts as empty`, async () => {
    assert.equal(await create({ storage }).session(), null);
    assert.equal(stub.calls.length, 0);
  });
}

test('Storage that is full is replaced by memory', async () => {
  const full = { getItem: () => null, setItem() { throw new Error('QuotaExceededError'); }, removeItem() {} };
  const client = await loggedIn({ storage: full });
  time.now = 20_000;
  assert.equal((await client.fetch(me)).status, 200);
  assert.deepEqual(stub.presented, ['r0']);
});
