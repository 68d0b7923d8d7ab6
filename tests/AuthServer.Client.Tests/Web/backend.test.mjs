// The feed of ended sessions, as a back end hears it.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { listenForEndedSessions } from '../../../src/AuthServer.Client.Web/authserver-backend.js';
import { FakeClock, settled } from './fake-clock.mjs';
import { page } from './stub.mjs';

const BEAT = 'event: beat\ndata: {}\n\n';
const KEYS = 'event: keys\ndata: {}\n\n';
const endOf = (sid) => `event: ended\ndata: {"sid":"${sid}","endedAt":"2026-01-01T00:00:00Z","reason":"logout"}\n\n`;
let time, calls, listener;

/** A connection of the back end: what it asked for, and an answer that the test writes. */
class Call {
  constructor(address, init) {
    Object.assign(this, { address: `${address}`, ...init, at: time.now });
    const body = new ReadableStream({ start: (writer) => { this.writer = writer; } });
    this.answer = new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
    this.signal.addEventListener('abort', () => this.lose(this.signal.reason));
  }

  async write(text) {
    await this.writeBytes(new TextEncoder().encode(text));
  }

  async writeBytes(bytes) {
    this.writer.enqueue(bytes);
    await settled();
  }

  async close() {
    this.writer.close();
    await settled();
  }

  lose(reason = new TypeError('terminated')) {
    try { this.writer.error(reason); } catch { /* It has been closed. */ }
  }
}

beforeEach(() => {
  time = new FakeClock();
  calls = [];
});

afterEach(() => {
  listener?.close();
  time.remove();
});

function listen(options = {}, answer = (call) => call.answer) {
  const fetch = async (address, init) => {
    calls.push(new Call(address, init));
    return answer(calls.at(-1));
  };
  listener = listenForEndedSessions({ server: 'https://auth.example.com', name: 'orders', secret: 'abc-_', fetch, ...options });
  return listener;
}

async function connected(options) {
  listen(options);
  await settled();
  await calls[0].write(BEAT);
  return listener;
}

/** Lets time pass, and everything happen that is due by then. */
async function pass(milliseconds) {
  await time.until(new Promise((resolve) => { setTimeout(() => setTimeout(resolve, 0), milliseconds); }));
}

test('Feed is asked for with name and secret, and never elsewhere', async () => {
  listen({ server: 'https://example.com/auth/' });
  await settled();
  assert.equal(calls[0].address, 'https://example.com/auth/sessions/ended');
  assert.equal(calls[0].headers.Authorization, `Basic ${btoa('orders:abc-_')}`);
  assert.equal(calls[0].redirect, 'error');
});

test('Session has ended once feed says so, however its bytes are cut', async () => {
  await connected();
  for (const byte of new TextEncoder().encode(endOf('s1') + endOf('세션'))) {
    assert.equal(listener.hasEnded('세션'), false);
    await calls[0].writeBytes(Uint8Array.of(byte));
  }
  assert.deepEqual(['s1', '세션', 's3', undefined].map((sid) => listener.hasEnded(sid)), [true, true, false, false]);
});

test('Listening begins with first beat, behind ends that had just happened', async () => {
  listen();
  await settled();
  await calls[0].write(endOf('s1'));
  assert.deepEqual([listener.isListening, listener.hasEnded('s1')], [false, true]);
  await calls[0].write(BEAT);
  assert.equal(listener.isListening, true);
});

test('End is forgotten once no token of its session can live', async () => {
  await connected({ accessLifetime: 60 });
  await calls[0].write(endOf('s1'));
  for (let seconds = 5; seconds < 70; seconds += 5) {
    await pass(5000);
    await calls[0].write(endOf('s1') + BEAT);
    assert.equal(listener.hasEnded('s1'), true);
  }
  await pass(5000);
  await calls[0].write(BEAT);
  assert.equal(listener.hasEnded('s1'), false);
});

test('Silence of 12 seconds is lost connection', async () => {
  await connected();
  await pass(11_999);
  await calls[0].write(':');
  await pass(11_999);
  assert.deepEqual([listener.isListening, calls.length], [true, 1]);
  await pass(1);
  await settled();
  assert.equal(listener.isListening, false);
  assert.match(listener.failure.message, /silent for 12000 ms/);
  await pass(50);
  await calls[1].write(BEAT);
  assert.deepEqual([listener.isListening, listener.failure], [true, undefined]);
});

test('Server that never answers is asked again', async () => {
  listen({}, (call) => new Promise((_, reject) => {
    call.signal.addEventListener('abort', () => reject(call.signal.reason));
  }));
  await pass(12_050);
  assert.equal(calls.length, 2);
});

test('Pauses grow to 2 seconds while server is away', async () => {
  listen({}, () => { throw new TypeError('fetch failed'); });
  await pass(9150);
  assert.deepEqual(calls.map((call) => call.at), [0, 50, 150, 350, 750, 1550, 3150, 5150, 7150, 9150]);
  assert.equal(listener.failure.message, 'fetch failed');
});

test('Pauses are short again after connection that lasted', async () => {
  await connected();
  for (const beats of [1, 1, 2]) {
    await calls.at(-1).write(BEAT.repeat(beats - 1));
    await calls.at(-1).close();
    await pass(2000);
    await calls.at(-1).write(BEAT);
  }
  assert.deepEqual(calls.map((call) => call.at), [0, 50, 2100, 4050]);
});

test('Ends stay known while connection is lost', async () => {
  await connected();
  await calls[0].write(endOf('s1'));
  calls[0].lose();
  await settled();
  assert.deepEqual([listener.isListening, listener.hasEnded('s1')], [false, true]);
});

for (const [name, answer] of [
  ['refusal', () => new Response('{}', { status: 401, headers: { 'Content-Type': 'application/problem+json' } })],
  ['page of captive portal', () => page(200)],
  ['empty answer', () => new Response(null, { status: 204 })],
]) {
  test(`Feed is not heard by ${name}`, async () => {
    listen({}, answer);
    await pass(50);
    assert.deepEqual([listener.isListening, calls.length], [false, 2]);
    assert.match(listener.failure.message, new RegExp(`^The server answered ${answer().status} in place of`));
    assert.ok(calls[0].signal.aborted);
  });
}

test('Event that is no JSON is lost connection', async () => {
  await connected();
  await calls[0].write('event: ended\ndata: {"sid":\n\n');
  assert.equal(listener.isListening, false);
  assert.ok(calls[0].signal.aborted);
});

test('Keys are reloaded with three beats after each connection and event', async () => {
  let reloads = 0;
  await connected({ onKeys: () => { reloads++; } });
  for (const expected of [1, 2, 3, 3]) {
    assert.equal(reloads, expected);
    await calls[0].write(BEAT);
  }
  await calls[0].write(KEYS);
  for (const expected of [4, 5, 6, 6]) {
    assert.equal(reloads, expected);
    await calls[0].write(BEAT);
  }
  await calls[0].close();
  await pass(50);
  await calls[1].write(BEAT);
  assert.equal(reloads, 7);
});

for (const [name, fail] of [
  ['throws', () => { throw new Error('no keys'); }],
  ['rejects', () => Promise.reject(new Error('no keys'))],
]) {
  test(`Reload that ${name} is repeated at next beat`, async () => {
    let reloads = 0;
    await connected({ onKeys: () => (++reloads < 5 ? fail() : undefined) });
    for (const expected of [1, 2, 3, 4, 5, 5]) {
      assert.deepEqual([reloads, listener.isListening], [expected, true]);
      await calls[0].write(BEAT);
    }
    assert.equal(calls.length, 1);
  });
}

test('Close ends connection and attempts to connect', async () => {
  await connected();
  await calls[0].write(endOf('s1'));
  listener.close();
  await settled();
  assert.deepEqual([calls[0].signal.aborted, listener.isListening, listener.hasEnded('s1')], [true, false, true]);
  assert.equal(time.timers, 0);
  listen({}, () => { throw new TypeError('fetch failed'); });
  await settled();
  listener.close();
  await settled();
  assert.deepEqual([calls.length, time.timers], [2, 0]);
});

test('Listener without credentials or safe address is refused', () => {
  for (const wrong of [
    { name: '' }, { secret: undefined }, { server: 'http://auth.example.com' }, { server: 'http://127.0.0.1.example.com' },
    { server: 'auth.example.com' },
  ]) {
    assert.throws(() => listen(wrong), TypeError);
  }
  for (const server of ['http://localhost:5080', 'http://127.0.0.1:5080', 'http://[::1]:5080']) {
    listen({ server }).close();
  }
});
