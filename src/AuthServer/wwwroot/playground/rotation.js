import { server } from '../account/client.js';
import { $, element, say } from '../account/dom.js';
import { find, text } from '../account/texts.js';
import { ask, follow, stopFollowing } from './feed.js';

const ACTS = {
  refresh, 'two-tabs': twoTabs, lost: loseAnswer, stolen: useStolen, anew: start, 'log-out': logOut, 'other-device': endByOther,
};
const KEPT = 'authserver.playground';
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

  window.addEventListener('pagehide', () => {
    demo && !demo.hasEnded && removeBy(demo.accessToken);
    demo = null;
    stopFollowing();
  });

  // The page may have crashed, or been closed with a token that had expired.
  removeKept().catch(() => {});
  stopFollowing();
}

/** Opens a session of an account that is made for it, and deletes the one before. */
async function start() {
  stopFollowing();
  await removeKept();
  const account = { username: `playground-${crypto.randomUUID().slice(0, 8)}`, password: crypto.randomUUID() };
  succeed(await post('register', account));
  sessionStorage.setItem(KEPT, JSON.stringify(account));
  const pair = succeed(await post('login', account));
  demo = { account, id: pair.sessionId, tokens: [], states: [], hasEnded: false };
  take(pair);
  ['events', 'feed'].forEach((id) => $(id).replaceChildren());
  show('opened');
  await follow(demo);
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
  await prepareEnd();
  while (newest() < 2) {
    await refresh();
  }

  const stolen = newest() - 2;
  const { code } = await present(stolen);
  await end('stolen', { from: stolen, code });
}

async function logOut() {
  await prepareEnd();
  succeed(await post('logout', { refreshToken: demo.tokens[newest()] }));
  await end('loggedOut');
}

async function endByOther() {
  await prepareEnd();
  const { accessToken } = succeed(await post('login', demo.account));
  await ask('DELETE', `sessions/${demo.id}`, accessToken);
  await end('otherDevice');
}

// The page has to listen, and the access token to live, when its refusal is shown.
async function prepareEnd() {
  if (demo.expiresAt - performance.now() < 5000) {
    await refresh();
  }

  await follow(demo);
}

async function end(what, values = {}) {
  demo.hasEnded = true;
  demo.states = demo.states.map((_, generation) => generation === values.from ? 'theft' : 'void');
  show(what, values);
  show('owner', await present(newest()));
  await removeKept();
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

/** Deletes the account of a demonstration, if there is one, by a new login, because its session may have ended. */
async function removeKept() {
  const kept = sessionStorage.getItem(KEPT);
  if (!kept) {
    return;
  }

  const { accessToken, code } = await post('login', JSON.parse(kept));
  accessToken && await removeBy(accessToken);
  if ((accessToken || code === 'invalid_credentials') && sessionStorage.getItem(KEPT) === kept) {
    sessionStorage.removeItem(KEPT);
  }
}

// Also while the page is being closed.
function removeBy(accessToken) {
  return ask('DELETE', 'me', accessToken, { keepalive: true });
}

async function post(path, body) {
  const response = await fetch(new URL(path, server), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    credentials: 'omit',
    body: JSON.stringify(body),
  });
  return { ok: response.ok, ...(response.status === 204 ? {} : await response.json()) };
}
