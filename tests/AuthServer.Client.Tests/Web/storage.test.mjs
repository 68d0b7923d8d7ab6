// Storages of the part of a session that outlives a page.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, loggedIn, me, stub, time } from './setting.mjs';
import { areaOf } from './stub.mjs';

const key = 'authserver:custom:https://auth.example.com/';

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

const text = '{"id":"s1","refreshToken":"r0"}';
const promised = (value) => Promise.resolve(value);
for (const [name, methods, kept] of [
  ['reads later', { getItem: () => promised(null) }, null],
  ['reads text later', { getItem: () => promised(text) }, null],
  ['writes later', { setItem: () => promised() }, null],
  ['writes later over session', { setItem: () => promised() }, text],
  ['removes later', { removeItem: () => promised() }, null],
  ['answers later in every method', { getItem: () => promised(text), setItem: promised, removeItem: promised }, null],
]) {
  test(`Storage that ${name} is refused`, () => {
    const area = { ...areaOf(new Map(kept ? [[key, kept]] : [])), ...methods };
    assert.throws(() => create({ storage: area }), /return promises/);
    assert.deepEqual([...area.kept.values()].filter((value) => value !== 'null'), kept ? [kept] : []);
  });
}

for (const kept of [[], [[key, text]], [[key, 'null']]]) {
  test(`Storage with ${kept.length} entries is left as it is by new client`, () => {
    const area = areaOf(new Map(kept));
    create({ storage: area });
    assert.deepEqual([...area.kept], kept);
  });
}

for (const [name, storage] of [
  ['misspelled name', 'cookies'],
  ['name in capitals', 'LocalStorage'],
  ['empty name', ''],
  ['number', 7],
  ['empty object', {}],
  ['map', new Map()],
  ['object without removeItem', { getItem() {}, setItem() {} }],
]) {
  test(`Storage that is ${name} is refused`, () => {
    assert.throws(() => create({ storage }), /storage must be cookie, memory/);
  });
}
