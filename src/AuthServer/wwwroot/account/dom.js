/** The element of an id. */
export const $ = (id) => document.getElementById(id);

/** Creates an element with properties and children. Attributes of ARIA and data are given by their names. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    name in made ? made[name] = value : made.setAttribute(name, value);
  }

  made.append(...children.filter((child) => child !== null));
  return made;
}

/** A button with a text. */
export function button(textContent, className, onClick, properties = {}) {
  const made = element('button', { type: 'button', className, textContent, ...properties });
  made.addEventListener('click', onClick);
  return made;
}

/** A symbol of the page. */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', 'icon');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `#${name}`);
  svg.append(use);
  return svg;
}

/** Adds the symbol of each element that has a `data-icon`. */
export function addIcons(root) {
  for (const place of root.querySelectorAll('[data-icon]')) {
    place.prepend(icon(place.dataset.icon));
  }
}

/** A row of a card: a title, what there is, and what can be done. */
export function row(title, content, ...actions) {
  return element('div', { className: 'row' },
    element('div', {}, element('h3', {}, ...[title].flat()), ...[content].flat()),
    element('div', { className: 'actions' }, ...actions));
}

/** A short fact beside a name. */
export function badge(textContent, kind = '') {
  return element('span', { className: `badge ${kind}`, textContent });
}

/** Shows a message above the page. Kinds: `good`, `bad`, `warn`; none for one that is neither. */
export function say(message, kind = '') {
  $('notice').dataset.kind = kind;
  $('notice').textContent = message;
}

/** The storage of this tab, and that of the site. */
export const [tabStorage, siteStorage] = ['sessionStorage', 'localStorage'].map(storageOf);

// A browser may refuse its storages. Then nothing is kept, and the page works all the same.
function storageOf(name) {
  const tried = (work) => {
    try {
      return work(globalThis[name]);
    } catch {
      return null;
    }
  };
  return {
    get: (key) => tried((area) => area.getItem(key)),
    getJson: (key) => tried((area) => JSON.parse(area.getItem(key))) ?? {},
    /** Returns true if the value is kept. */
    set: (key, value) => tried((area) => { area.setItem(key, value); return true; }) ?? false,
    remove: (key) => tried((area) => area.removeItem(key)),
  };
}
