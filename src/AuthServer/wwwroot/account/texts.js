import { siteStorage } from './dom.js';

const KEY = 'authserver.language';
const LANGUAGES = ['en', 'ko'];
const texts = {};

/** Language of the page: the one that was chosen here, the first of the browser's that has texts, or English. */
export const language = [siteStorage.get(KEY) ?? history.state?.language, ...navigator.languages.map((tag) => tag.split('-')[0])]
  .find((tag) => LANGUAGES.includes(tag)) ?? 'en';

/** Loads the texts of parts of a page. Each part has a file for each language, and only one of them is sent. */
export async function loadTexts(...paths) {
  const parts = await Promise.all(paths.map((path) => import(path.replace('{language}', language))));
  parts.forEach((part) => Object.assign(texts, part.default));
}

/** Keeps a language for this page, and loads the page again in it. */
export function choose(tag) {
  // The history outlives a reload too.
  siteStorage.set(KEY, tag) || history.replaceState({ ...history.state, language: tag }, '');
  location.reload();
}

/** The text of a key such as `login` or `error.network`; undefined if there is none in this language. */
export function find(key) {
  const found = key.split('.').reduce((level, step) => level?.[step], texts);
  return typeof found === 'string' ? found : undefined;
}

/** The text of a key, with its `{names}` filled in. */
export function text(key, values = {}) {
  return find(key).replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Explanation of the end of a session, by the reason or code of the server. */
export function why(reason) {
  // A refusal of a refresh says the same as the reason of the end.
  return find(`reason.${reason}`) ?? find(`reason.${reason.replace('refresh_token_', '')}`) ?? text('unknownReason');
}

/** Age of a moment in words, such as "5 minutes ago". */
export function ago(moment) {
  const seconds = Math.round((Date.parse(moment) - Date.now()) / 1000);
  const [unit, size] = [['day', 86400], ['hour', 3600], ['minute', 60]].find(([, size]) => -seconds >= size) ?? ['second', 1];
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(Math.min(0, Math.round(seconds / size)), unit);
}

/** The day of a moment, such as "Nov 3, 2026". */
export function day(moment) {
  return new Date(moment).toLocaleDateString(language, { dateStyle: 'medium' });
}

/** Fills each element that has a `data-text` or a `data-label` with its text, once that is known. */
export function translate(root) {
  document.documentElement.lang = language;
  for (const element of root.querySelectorAll('[data-text], [data-label]')) {
    const { text: key, label } = element.dataset;
    if (!find(key ?? label)) {
      continue;
    }

    if (key) {
      element.append(text(key));
      element.removeAttribute('data-text');
    } else {
      element.setAttribute('aria-label', text(label));
    }
  }
}
