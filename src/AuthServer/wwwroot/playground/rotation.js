import { server } from '../account/client.js';
import { $, element, say } from '../account/dom.js';
import { find, text } from '../account/texts.js';

const ACTS = { refresh, 'two-tabs': twoTabs, lost: loseAnswer, stolen: useStolen, anew: start };
let demo = null;

/** Prepares the buttons that show what the server does with refresh tokens. One act runs at a time. */
export function prepareRotation() {
  const buttons = Object.keys(ACTS).map($);
  for (const button of buttons) {
    button.addEventListener('click', async () => {
      buttons.forEach((one) => { one.disabled = true; });
      try {
        if (button.id !== 'anew' && (!demo || demo.hasEnded)) {
          await start();
        }

        await ACTS[button.id]();
      } catch (error) {
        say(find(`error.${error.code}`) ?? error.message, 'bad');
      } finally {
        buttons.forEach((one) => { one.disabled = false; });
        button.focus();
      }
    });
  }

  window.addEventListener('pagehide', () => demo && !demo.hasEnded && removeBy(demo.accessToken));
}

/** Opens a session of an account that is made for it, and deletes the one before. */
async function start() {
  const before = demo;
  const account = { username: `playground-${crypto.randomUUID().slice(0, 8)}`, password: crypto.randomUUID() };
  succeed(await post('register', account));
  const pair = succeed(await post('login', account));
  demo = { ...account, tokens: [], states: [], hasEnded: false };
  take(pair);
  $('events').replaceChildren();
  show('opened');
  before && !before.hasEnded && await remove(before);
}

async function refresh() {
  const from = newest();
  take(succeed(await present(from)));
  show('refreshed', { from, to: newest() });
}

async function twoTabs() {
  const from = newest();
  const answers = await Promise.all([present(from), present(from)]);
  answers.map(succeed).forEach(take);
  demo.states[from] = 'twice';
  show('twoTabs', { from, to: newest() });
}

async function loseAnswer() {
  const from = newest();
  await present(from);
  take(succeed(await present(from)));
  demo.states[from] = 'twice';
  show('lost', { from, to: newest() });
}

async function useStolen() {
  while (newest() < 2) {
    await refresh();
  }

  const stolen = newest() - 2;
  const { code } = await present(stolen);
  demo.states = demo.states.map((_, generation) => generation === stolen ? 'theft' : 'void');
  demo.hasEnded = true;
  show('stolen', { from: stolen, code });
  const left = Math.max(0, Math.round((demo.expiresAt - performance.now()) / 1000));
  const me = await fetch(new URL('me', server), {
    headers: { Authorization: `Bearer ${demo.accessToken}` }, credentials: 'omit',
  });
  show('ended', { left, code: (await me.json()).code });
  const owner = await present(newest());
  show('owner', { code: owner.code });
  await remove(demo);
}

function succeed(answer) {
  if (!answer.ok) {
    throw Object.assign(new Error(answer.code), answer);
  }

  return answer;
}

function newest() {
  return demo.tokens.length - 1;
}

function present(generation) {
  return post('refresh', { refreshToken: demo.tokens[generation] });
}

// The same token again is no new generation.
function take({ refreshToken, accessToken, expiresIn }) {
  Object.assign(demo, { accessToken, expiresAt: performance.now() + expiresIn * 1000 });
  if (refreshToken !== demo.tokens.at(-1)) {
    demo.states = demo.states.map((state) => state === 'current' ? 'used' : state);
    demo.tokens.push(refreshToken);
    demo.states.push('current');
  }
}

function show(what, values) {
  $('generations').replaceChildren(...demo.states.map((state, generation) => element('li', { className: `is-${state}` },
    element('b', { textContent: generation }), element('span', { textContent: text(state) }))));
  const time = element('time', { textContent: new Date().toLocaleTimeString() });
  $('events').prepend(element('li', {}, time, element('span', { textContent: text(`did.${what}`, values) })));
}

/** Deletes the account of a demonstration by a new login, because its session may have ended. */
async function remove({ username, password }) {
  const { accessToken } = await post('login', { username, password });
  await removeBy(accessToken);
}

// Also while the page is being closed.
function removeBy(accessToken) {
  return fetch(new URL('me', server), {
    method: 'DELETE', headers: { Authorization: `Bearer ${accessToken}` }, credentials: 'omit', keepalive: true,
  });
}

async function post(path, body) {
  const response = await fetch(new URL(path, server), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    credentials: 'omit',
    body: JSON.stringify(body),
  });
  return { ok: response.ok, ...await response.json() };
}
