import { server } from '../account/client.js';
import { $, element } from '../account/dom.js';
import { text } from '../account/texts.js';

const CONNECTING_MS = 2000;
let followed = null;
let connection = null;

/** Sends a request with an access token. */
export function ask(method, path, accessToken, more) {
  const headers = { Authorization: `Bearer ${accessToken}` };
  return fetch(new URL(path, server), { method, headers, credentials: 'omit', ...more });
}

/** Listens to the feed for one session, as a back end does, unless the page does already. */
export async function follow(session) {
  if (session !== followed) {
    stopFollowing();

    // A proxy may hold the answer back, and the buttons work without it.
    await Promise.race([listen(session), new Promise((resolve) => { setTimeout(resolve, CONNECTING_MS); })]);
  }
}

/** Stops listening. */
export function stopFollowing() {
  connection?.abort();
  followed = null;
  $('feed-state').textContent = text('feedOff');
}

async function listen(session) {
  connection = new AbortController();
  const { body } = await ask('GET', 'playground/ended', session.accessToken, { signal: connection.signal });
  followed = session;
  read(body, session).catch(() => {}).finally(() => followed === session && stopFollowing());
}

async function read(body, session) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = '', part; !(part = await reader.read()).done;) {
    const events = (rest + part.value).split('\n\n');
    rest = events.pop();
    for (const event of events) {
      const [, type, data] = /^event: (.*)\ndata: (.*)$/.exec(event);
      await hear(type, data, session);
    }
  }
}

async function hear(type, data, session) {
  const time = new Date().toLocaleTimeString();
  if (type === 'beat') {
    $('feed-state').textContent = text('feedOn', { time });
    return;
  }

  // The data is for the eyes. A screen reader announces the sentence.
  const heard = element('code', { textContent: `${type} ${data}`, 'aria-live': 'off' });
  const answer = type === 'ended' ? element('p', { textContent: await refusalOf(session) }) : null;
  $('feed').prepend(element('li', {}, element('time', { textContent: time }), element('div', {}, heard, answer)));
}

/** The answer that the access token of an ended session gets, by the same code as in a back end. */
async function refusalOf(session) {
  session.hasEnded = true;
  const left = Math.max(0, Math.round((session.expiresAt - performance.now()) / 1000));
  const response = await ask('GET', 'me', session.accessToken);
  const { code, reason } = await response.json();
  return text('feedEnded', { left, status: response.status, code, reason: reason ?? '' });
}
