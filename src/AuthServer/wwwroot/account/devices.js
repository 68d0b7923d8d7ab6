import { ago, text, why } from './texts.js';

// In this order: most browsers claim to be the ones before them as well.
const BROWSERS = [
  ['Edge', /Edg(e|A|iOS)?\//], ['Opera', /OPR\//], ['Samsung Internet', /SamsungBrowser\//], ['Firefox', /(Firefox|FxiOS)\//],
  ['Chrome', /(Chrome|CriOS|Chromium)\//], ['Safari', /Safari\//], ['curl', /^curl\//], ['Node.js', /^node/], ['.NET', /^AuthServer\.Client|\.NET/],
];
const SYSTEMS = [
  ['iPhone', /iPhone/], ['iPad', /iPad/], ['Android', /Android/], ['ChromeOS', /CrOS/], ['Windows', /Windows/], ['macOS', /Mac OS X/], ['Linux', /Linux/],
];

/** The device as a person knows it: its own name, or its browser and system. */
export function nameOf({ deviceName, userAgent }) {
  const [browser, system] = [BROWSERS, SYSTEMS].map((known) => known.find(([, pattern]) => pattern.test(userAgent ?? ''))?.[0]);
  const program = browser && system ? text('browserOn', { browser, system }) : browser ?? system ?? userAgent ?? text('unknownBrowser');
  return deviceName ? `${deviceName} (${program})` : program;
}

/** A list entry for a device, with a button to end it while it lives and is another one. */
export function entryOf(device, end) {
  const name = nameOf(device);
  const entry = element('li', {}, icon(device.userAgent), element('div', {}, nameLine(device, name), factsLine(device)));
  if (!device.endedAt && !device.current) {
    const button = element('button', { type: 'button', className: 'quiet', textContent: text('endDevice') });
    button.setAttribute('aria-label', text('endDeviceOf', { device: name }));
    button.addEventListener('click', () => end(device, button));
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
