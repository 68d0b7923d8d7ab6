import { $, siteStorage } from './dom.js';
import { choose, language } from './texts.js';

const THEME = 'authserver.theme';

/** Prepares the choices at the foot of a page: its language and its theme. */
export function prepareFrame() {
  $('language').value = language;
  $('language').addEventListener('change', () => choose($('language').value));
  $('theme').value = document.documentElement.dataset.theme ?? '';
  $('theme').addEventListener('change', () => {
    const theme = $('theme').value;
    if (theme) {
      document.documentElement.dataset.theme = theme;
      siteStorage.set(THEME, theme);
    } else {
      delete document.documentElement.dataset.theme;
      siteStorage.remove(THEME);
    }
  });
}
