import { onSubmit, showProblem } from './forms.js';
import { messageOf, readJson } from './problems.js';
import { find, text } from './texts.js';

const server = new URL('..', import.meta.url);
const dialog = document.getElementById('link');
const form = document.getElementById('link-form');
let token;

/** Sends a link to the account of a name, and then runs the callback. The page can't tell if there is such an account. */
export function onForgotten(callback) {
  onSubmit('forgot-form', async ({ username }, forgot) => {
    await post('password/forgot', { username });
    forgot.reset();
    callback();
  }, messageOf);
}

/** Shows what the link of a mail is for, and does it at the press of a button. Programs that check mails open links too. */
export function onLink(callback) {
  const show = () => showLink().catch((error) => callback(messageOf(error)));
  window.addEventListener('hashchange', show);
  onSubmit('link-form', async ({ newPassword }) => {
    const { kind } = dialog.dataset;
    await (kind === 'confirm_email' ? post('email/confirm', { token }) : post('password/reset', { token, newPassword }));
    dialog.close();
    callback(text(`done.${kind}`));
  }, messageOf);
  form.querySelector('[type=button]').addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => form.reset());
  return show();
}

async function showLink() {
  const [, given] = /^#link=([\w-]+)$/.exec(location.hash) ?? [];
  if (!given) {
    return;
  }

  // Neither the history nor a page that the user goes to next has the token.
  history.replaceState(history.state, '', location.pathname + location.search);
  const { kind, username, email } = await post('links/inspect', { token: given });
  if (!find(`do.${kind}`)) {
    throw new TypeError(kind);
  }

  token = given;
  dialog.dataset.kind = kind;
  document.getElementById('link-title').textContent = text(`do.${kind}`);
  document.getElementById('link-question').textContent = text(`ask.${kind}`, { username, email });
  form.querySelector('[type=submit]').textContent = text(`do.${kind}`);
  const field = document.getElementById('link-password');
  field.hidden = kind !== 'reset_password';
  field.querySelector('input').disabled = field.hidden;
  form.elements.username.value = username;
  showProblem(form, '');
  dialog.showModal();
}

async function post(path, body) {
  const headers = { 'Content-Type': 'application/json' };
  return readJson(await fetch(new URL(path, server), { method: 'POST', headers, body: JSON.stringify(body) }));
}
