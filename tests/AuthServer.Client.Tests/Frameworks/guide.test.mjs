// The programs of the guide's page about frameworks, as they are except for the address of the server.

import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';
import { find, press, server, stub, submit, text, type } from './page.mjs';
import { acting } from './rendering.mjs';
import { filesOf, load } from './guide.mjs';
import { createApp } from 'vue';
import { mount } from 'svelte';
import { json, pair, problem } from '../Web/stub.mjs';

const openers = {
  React: () => load('React in an hour', 'main.jsx', server),
  Vue: async () => createApp((await load('Vue', 'App.vue', server)).default).mount('#root'),
  Svelte: async () => mount((await load('Svelte', 'App.svelte', server)).default, { target: find('#root') }),
};

/** Opens an application, or reloads its page. */
const open = (framework) => acting(async () => {
  document.body.innerHTML = '<div id="root"></div>';
  await openers[framework]();
});

const logIn = () => acting(() => {
  type('input[autocomplete=username]', 'ada');
  type('input[autocomplete=current-password]', 'secret');
  submit();
});

before(() => { globalThis.fetch = (...request) => stub.fetch(...request); });
beforeEach(() => { stub.onCall = ({ path }) => json(200, { path }); });

test('Application for React has five files', () => {
  const names = filesOf('React in an hour').map(({ name }) => name);
  assert.deepEqual(names, ['auth.js', 'main.jsx', 'App.jsx', 'Login.jsx', 'Profile.jsx']);
});

for (const framework of Object.keys(openers)) {
  test(`Application for ${framework} logs in, survives reload and logs out`, async () => {
    await open(framework);
    assert.match(text(), /Log in/);
    stub.onLogin = () => problem(401, 'invalid_credentials');
    await logIn();
    assert.match(text(), /The explanation\./);
    stub.onLogin = () => pair(0);
    await logIn();
    assert.match(text(), /^Hello, ada/);
    await open(framework);
    assert.match(text(), /^Hello, ada/);
    await acting(press);
    assert.match(text(), /Log in/);
    assert.equal(stub.of('/logout').length, 1);
    await open(framework);
    assert.match(text(), /Log in/);
  });

  test(`Application for ${framework} says that session has ended`, async () => {
    await open(framework);
    await logIn();
    stub.onRefresh = () => problem(401, 'session_ended', { reason: 'revoked' });
    await open(framework);
    assert.match(text(), /Your session has ended|session_ended/);
  });

  test(`Application for ${framework} asks again after failure`, async () => {
    stub.cookie = true;
    stub.onRefresh = () => problem(403, 'cross_site');
    await open(framework);
    assert.match(text(), /Try again/);
    stub.onRefresh = () => pair(1);
    await acting(press);
    assert.match(text(), /^Hello, ada/);
  });
}

test('Application for React calls private route', async () => {
  stub.cookie = true;
  await open('React');
  assert.match(text(), /"path": "\/me"/);
  assert.ok(stub.of('/me').every(({ token }) => token));
});

test('Application for React asks for code of second factor', async () => {
  await open('React');
  const step = { challenge: 'c', expiresIn: 300, methods: ['totp'] };
  stub.onLogin = () => problem(401, 'second_factor_required', step);
  await logIn();
  stub.onCall = () => pair(0);
  type('input[name=code]', '123456');
  await acting(submit);
  assert.deepEqual(JSON.parse(stub.of('/login/second-factor')[0].body), { challenge: 'c', code: '123456' });
  assert.match(text(), /^Hello, ada/);
});
