import { ago, text, why } from './texts.js';

// The order matters: most browsers also claim to be one that is listed after them.
const BROWSERS = [
  ['Edge', /Edg(e|A|iOS)?\//], ['Opera', /OPR\//], ['Samsung Internet', /SamsungBrowser\//], ['Firefox', /(Firefox|FxiOS)\//],
  ['Chrome', /(Chrome|CriOS|Chromium)\//], ['Safari', /Safari\//], ['curl', /^curl\//], ['Node.js', /^node/],
  ['.NET', /^AuthServer\.Client\//],
];
const SYSTEMS = [
  ['iPhone', /iPhone/], ['iPad', /iPad/], ['Android', /Android/], ['ChromeOS', /CrOS/], ['Windows', /Windows/],
  ['macOS', /Mac OS X|macOS/], ['Linux', /Linux/],
];

const live = document.getElementById('devices');
const ended = document.getElementById('ended-devices');
const shown = document.getElementById('devices-shown');
const more = document.getElementById('devices-more');
let endDevice = async () => {};
let postponed = null;
let newest = 0;
let pages = 1;

/** Sets the function that the button of a device runs. */
export function onEndDevice(end) {
  endDevice = end;
}

/** Sets the function that the button for one more page runs. */
export function onShowMore(show) {
  more.addEventListener('click', async () => {
    pages++;
    more.disabled = true;
    await show();
    more.disabled = false;
    // A hidden button can't keep the focus.
    (more.hidden ? shown : more).focus();
  });
}

/**
 * Loads the devices, as many pages as are shown, and shows them, unless loading fails. Waits while the page is hidden or a
 * button of the list has the focus. A new list would remove that button just before it is pressed.
 */
export async function showDevices(list) {
  if (document.hidden || live.contains(document.activeElement)) {
    postponed = list;
    return;
  }

  postponed = null;
  const number = ++newest;
  const page = await list(pages);
  if (page && number === newest) {
    const devices = page.sessions;
    live.replaceChildren(...devices.filter((device) => !device.endedAt).map(entryOf));
    const entries = devices.filter((device) => device.endedAt).map(entryOf);
    const none = element('li', { className: 'device-facts', textContent: text('noneEnded') });
    ended.replaceChildren(...(entries.length ? entries : [none]));
    shown.textContent = text('devicesShown', { shown: devices.length, total: page.total });
    more.hidden = !page.next;
  }
}

/** Removes the devices of a user, and discards a list that is still being loaded. */
export function clearDevices() {
  newest++;
  pages = 1;
  postponed = null;
  live.replaceChildren();
  ended.replaceChildren();
  shown.textContent = '';
  more.hidden = true;
}

document.addEventListener('visibilitychange', () => postponed && showDevices(postponed));
live.addEventListener('focusout', () => queueMicrotask(() => postponed && showDevices(postponed)));

/** Name of a device: the one its user gave it, with its browser and system. */
function nameOf({ deviceName, userAgent }) {
  const [browser, system] = [BROWSERS, SYSTEMS].map((known) => known.find(([, pattern]) => pattern.test(userAgent ?? ''))?.[0]);
  const program = browser && system
    ? text('browserOn', { browser, system })
    : browser ?? system ?? userAgent ?? text('unknownBrowser');
  return deviceName ? `${deviceName} (${program})` : program;
}

// The session of another device has a button that ends it.
function entryOf(device) {
  const name = nameOf(device);
  const entry = element('li', {}, icon(device.userAgent), element('div', {}, nameLine(device, name), factsLine(device)));
  if (!device.endedAt && !device.current) {
    const button = element('button', { type: 'button', className: 'quiet', textContent: text('endDevice') });
    button.setAttribute('aria-label', text('endDeviceOf', { device: name }));
    button.addEventListener('click', () => {
      button.disabled = true;
      endDevice(device).finally(() => { button.disabled = false; });
    });
    entry.append(button);
  }

  return entry;
}

function nameLine(device, name) {
  const line = element('p', { className: 'device-name' }, name);
  if (device.current) {
    line.append(element('span', { className: 'badge', textContent: text('thisDevice') }));
  }

  return line;
}

function factsLine({ ipAddress, lastUsedAt, endedAt, endReason }) {
  const moment = endedAt ?? lastUsedAt;
  const fact = endedAt
    ? text('endedAt', { when: ago(endedAt), why: why(endReason) })
    : text('lastUsed', { when: ago(lastUsedAt) });
  const time = element('time', { dateTime: moment, title: new Date(moment).toLocaleString(), textContent: fact });
  return element('p', { className: 'device-facts' }, `${ipAddress ?? text('unknownAddress')} · `, time);
}

function icon(userAgent) {
  const kind = /iPhone|iPad|Android/.test(userAgent) ? 'phone' : /Mozilla/.test(userAgent) ? 'desktop' : 'terminal';
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `#${kind}`);
  svg.append(use);
  return svg;
}

/** Creates an element with properties and children. */
export function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}
