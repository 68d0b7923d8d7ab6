import { ago, text, why } from './texts.js';

// In this order: most browsers claim to be the ones before them as well.
const BROWSERS = [
  ['Edge', /Edg(e|A|iOS)?\//], ['Opera', /OPR\//], ['Samsung Internet', /SamsungBrowser\//], ['Firefox', /(Firefox|FxiOS)\//],
  ['Chrome', /(Chrome|CriOS|Chromium)\//], ['Safari', /Safari\//], ['curl', /^curl\//], ['Node.js', /^node/], ['.NET', /^AuthServer\.Client\//],
];
const SYSTEMS = [
  ['iPhone', /iPhone/], ['iPad', /iPad/], ['Android', /Android/], ['ChromeOS', /CrOS/], ['Windows', /Windows/], ['macOS', /Mac OS X|macOS/], ['Linux', /Linux/],
];

const live = document.getElementById('devices');
const ended = document.getElementById('ended-devices');
let endDevice = async () => {};
let owed = null;
let round = 0;

/** Sets what the button of a device does. */
export function onEndDevice(end) {
  endDevice = end;
}

/**
 * Shows what a list of devices has, if it comes. Later, where nobody looks, or somebody is about to press a button of the list that is
 * there: it would be gone from under the finger.
 */
export async function showDevices(list) {
  if (document.hidden || live.contains(document.activeElement)) {
    owed = list;
    return;
  }

  owed = null;
  const mine = ++round;
  const devices = await list();
  if (devices && mine === round) {
    live.replaceChildren(...devices.filter((device) => !device.endedAt).map(entryOf));
    const over = devices.filter((device) => device.endedAt).map(entryOf);
    ended.replaceChildren(...(over.length ? over : [element('li', { className: 'device-facts', textContent: text('noneEnded') })]));
  }
}

/** Takes away what the next user has no business with, also where it is still under way. */
export function clearDevices() {
  round++;
  owed = null;
  live.replaceChildren();
  ended.replaceChildren();
}

document.addEventListener('visibilitychange', () => owed && showDevices(owed));
live.addEventListener('focusout', () => queueMicrotask(() => owed && showDevices(owed)));

/** The device as a person knows it: its own name, or its browser and system. */
function nameOf({ deviceName, userAgent }) {
  const [browser, system] = [BROWSERS, SYSTEMS].map((known) => known.find(([, pattern]) => pattern.test(userAgent ?? ''))?.[0]);
  const program = browser && system ? text('browserOn', { browser, system }) : browser ?? system ?? userAgent ?? text('unknownBrowser');
  return deviceName ? `${deviceName} (${program})` : program;
}

// With a button to end the device, while it lives and is another one.
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
  const said = endedAt ? text('endedAt', { when: ago(endedAt), why: why(endReason) }) : text('lastUsed', { when: ago(lastUsedAt) });
  const time = element('time', { dateTime: moment, title: new Date(moment).toLocaleString(), textContent: said });
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

/** An element with properties and children. */
export function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}
