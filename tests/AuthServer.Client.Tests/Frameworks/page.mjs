// A page without a browser: its globals, a stub of the server, and the tabs of one browser. Import it before any framework.

import { afterEach, beforeEach } from 'node:test';
import { createAuthClient } from 'authserver-client';
import { Window } from 'happy-dom';
import { channels, FakeChannel } from '../Web/channels.mjs';
import { settled } from '../Web/fake-clock.mjs';
import { areaOf, Stub } from '../Web/stub.mjs';

export const server = 'https://auth.example.com';
export const me = `${server}/me`;
export let stub;

export { channels };

const window = new Window({ url: 'https://app.example.com/' });
const names = [
  'document', 'location', 'history', 'Node', 'Element', 'HTMLElement', 'HTMLIFrameElement', 'HTMLInputElement',
  'HTMLMediaElement', 'HTMLOptionElement', 'HTMLSelectElement', 'SVGElement', 'MathMLElement', 'ShadowRoot', 'Text', 'Comment',
  'DocumentFragment', 'Event', 'FormData', 'MutationObserver', 'requestAnimationFrame', 'cancelAnimationFrame',
];
const globals = { window, navigator: { userAgent: 'happy-dom' }, IS_REACT_ACT_ENVIRONMENT: true };
names.forEach((name) => { globals[name] = window[name]; });
for (const name of ['addEventListener', 'removeEventListener', 'dispatchEvent', 'getComputedStyle']) {
  globals[name] = window[name].bind(window);
}

for (const [name, value] of Object.entries(globals)) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

globalThis.BroadcastChannel = FakeChannel;

beforeEach(() => {
  stub = new Stub();
  globalThis.localStorage = areaOf();
  globalThis.sessionStorage = areaOf();
});

afterEach(() => {
  channels.forEach((channel) => channel.close());
  document.body.innerHTML = '';
});

/** The address of the stub, and its `fetch`, for a client. */
export const options = () => ({ server, fetch: (...request) => stub.fetch(...request) });

/** A client of the page, or of another tab. */
export const openTab = (more) => createAuthClient({ ...options(), ...more });

export const credentials = { username: 'ada', password: 'secret' };

/** Lets messages between tabs arrive, and everything happen that they cause, timers of no time included. */
export async function delivered() {
  await settled();
  await new Promise((resolve) => { setTimeout(resolve); });
  await settled();
}

/** The text of the page. */
export const text = () => document.body.textContent.replaceAll(/\s+/g, ' ').trim();

/** The only element that a selector matches, such as `button`. */
export function find(selector) {
  const [found, ...more] = document.querySelectorAll(selector);
  if (!found || more.length > 0) {
    throw new Error(`${more.length + (found ? 1 : 0)} elements match ${selector} in ${document.body.innerHTML}`);
  }

  return found;
}

/** Types into a field, as a user does. */
export function type(selector, value) {
  const field = find(selector);
  field.value = value;
  field.dispatchEvent(new window.Event('input', { bubbles: true }));
}

/** Submits the only form. */
export const submit = () => find('form').dispatchEvent(new window.Event('submit', { bubbles: true, cancelable: true }));

/** Presses the only button. */
export const press = () => find('button').dispatchEvent(new window.Event('click', { bubbles: true }));
