import { call, client } from './client.js';
import { ask } from './dialogs.js';
import { $, badge, button, element, icon, say } from './dom.js';
import { busy, sayProblem } from './forms.js';
import { ofUser } from './proof.js';
import { ago, day, find, language, text, why } from './texts.js';

// The order matters: most browsers also claim to be one that is listed after them.
const BROWSERS = [
  ['Edge', /Edg(e|A|iOS)?\//], ['Opera', /OPR\//], ['Samsung Internet', /SamsungBrowser\//], ['Firefox', /(Firefox|FxiOS)\//],
  ['Chrome', /(Chrome|CriOS|Chromium)\//], ['Safari', /Safari\//], ['curl', /^curl\//], ['Node.js', /^node/],
  ['.NET', /^AuthServer\.Client\//], ['Python', /^python/i], ['Go', /^Go-http/],
];
const APPS = [['androidApp', /^okhttp\//], ['mobileApp', /^Dart\//], ['appleApp', /CFNetwork\//]];
const SYSTEMS = [
  ['iPhone', /iPhone/], ['iPad', /iPad/], ['Android', /Android/], ['ChromeOS', /CrOS/], ['Windows', /Windows/],
  ['macOS', /Mac OS X|macOS/], ['Linux', /Linux/],
];
const KINDS = [
  ['tablet', /iPad|Android(?!.*Mobile)/], ['phone', /iPhone|Android|^okhttp\/|^Dart\/|CFNetwork\//], ['desktop', /Mozilla/],
  ['terminal', /./],
];

const live = $('devices');
const ended = $('ended-devices');
const shown = $('devices-shown');
const more = $('devices-more');
let isPostponed = false;
let newest = 0;
let pages = 1;

/** Prepares the buttons of the list. */
export function prepareDevices() {
  $('account').addEventListener('cleared', clearDevices);
  more.addEventListener('click', () => busy(more, async () => {
    pages++;
    await showDevices().catch((error) => {
      pages--;
      throw error;
    });
    // A hidden button can't keep the focus.
    (more.hidden ? shown : more).focus();
  }).catch(sayProblem));
  $('logout-others').addEventListener('click', () => end({
    title: text('logoutOthers'), lead: text('logoutOthersQuestion'), submit: text('logoutOthers'), isDangerous: true,
    work: () => call('POST', 'logout/all?except=current').then(() => true),
  }, 'othersLoggedOut'));
  $('logout-all').addEventListener('click', () => ask({
    title: text('logoutAll'), lead: text('logoutAllQuestion'), submit: text('logoutAll'), isDangerous: true,
    work: () => setTimeout(() => $('account').dispatchEvent(new CustomEvent('logout-all'))),
  }));
}

/**
 * Loads the devices, as many pages as are shown, and shows them. Waits while the page is hidden or a button of the list has the
 * focus. A new list would remove that button just before it is pressed.
 */
export async function showDevices() {
  if (document.hidden || live.contains(document.activeElement)) {
    isPostponed = true;
    return;
  }

  isPostponed = false;
  const number = ++newest;
  const page = await load(pages).catch((error) => {
    if (number === newest) {
      throw error;
    }
  });
  if (number === newest) {
    const devices = page.sessions;
    const [here, elsewhere] = [true, false].map((current) => devices.filter((one) => !one.endedAt && one.current === current));
    live.replaceChildren(...[...here, ...elsewhere].map(entryOf));
    const entries = devices.filter((device) => device.endedAt).map(entryOf);
    ended.replaceChildren(...(entries.length ? entries : [element('li', {}, element('p', { textContent: text('noneEnded') }))]));
    shown.textContent = text('devicesShown', { shown: devices.length, total: page.total });
    more.hidden = !page.next;
    $('logout-others').hidden = elsewhere.length === 0;
  }
}

/** Removes the devices of a user, and discards a list that is still being loaded. */
function clearDevices() {
  newest++;
  pages = 1;
  isPostponed = false;
  live.replaceChildren();
  ended.replaceChildren();
  shown.textContent = '';
  more.hidden = true;
}

const showLate = () => isPostponed && !$('pane-devices').hidden && showDevices().catch(() => {});
document.addEventListener('visibilitychange', showLate);
live.addEventListener('focusout', () => queueMicrotask(showLate));

async function load(count) {
  const page = await client.sessions({ ended: true });
  while (page.next && --count > 0) {
    const { sessions, next } = await client.sessions({ ended: true, after: page.next });
    page.sessions.push(...sessions);
    page.next = next;
  }

  return page;
}

async function end(question, message) {
  if (await ask(question)) {
    await showEnd(message).catch(sayProblem);
  }
}

async function showEnd(message) {
  say(text(message), 'good');
  $('devices-title').focus();
  await showDevices();
}

/** Name of a device: the one its user gave it, with its browser and system. */
function nameOf({ deviceName, userAgent }) {
  const [browser, system, app] = [BROWSERS, SYSTEMS, APPS].map(
    (known) => known.find(([, pattern]) => pattern.test(userAgent ?? ''))?.[0]);
  const program = app ? text(app)
    : browser && system ? text('browserOn', { browser, system })
      : browser ?? system ?? userAgent ?? text('unknownBrowser');
  return deviceName ? `${deviceName} (${program})` : program;
}

// The session of another device has a button that ends it.
function entryOf(device) {
  const name = nameOf(device);
  const kind = KINDS.find(([, pattern]) => pattern.test(device.userAgent || '-'))[0];
  const title = element('p', { className: 'name' }, name, device.current ? badge(text('thisDevice'), 'good') : null);
  const facts = element('div', {}, title, useOf(device), ...(device.endedAt ? [] : [loginOf(device)]));
  const entry = element('li', { className: 'with-icon' }, icon(kind), facts);
  if (!device.endedAt && !device.current) {
    const made = button(text('endDevice'), 'quiet small', () => busy(made, async () => {
      try {
        await ofUser(client.endSession(device.id));
        made.blur();
        await showEnd('deviceEnded');
      } catch (error) {
        sayProblem(error);
      }
    }), { 'aria-label': text('endDeviceOf', { device: name }) });
    entry.append(element('div', { className: 'actions' }, made));
  }

  return entry;
}

function useOf({ ipAddress, lastUsedAt, endedAt, endReason, current }) {
  const moment = endedAt ?? lastUsedAt;
  const fact = endedAt ? text('endedAt', { when: ago(endedAt), why: why(endReason) })
    : current ? text('activeNow')
      : text('lastUsed', { when: ago(lastUsedAt) });
  const time = element('time', { dateTime: moment, title: new Date(moment).toLocaleString(language), textContent: fact });
  return element('p', {}, `${ipAddress ?? text('unknownAddress')} · `, time);
}

function loginOf({ createdAt, amr = [] }) {
  const ways = [...new Set(amr.map((method) => find(`how.${method.replace('swk', 'hwk')}`)).filter(Boolean))];
  const how = new Intl.ListFormat(language).format(ways);
  return element('p', {
    textContent: ways.length ? text('firstLogin', { day: day(createdAt), how }) : text('firstLoginAt', { day: day(createdAt) }),
  });
}
