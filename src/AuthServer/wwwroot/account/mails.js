import { isComplete } from './factor.js';
import { onSubmit, showProblem } from './forms.js';
import { messageOf } from './problems.js';
import { text } from './texts.js';

const dialog = document.getElementById('link');
const form = document.getElementById('link-form');
const actions = {
  confirm_email: (client, { token }) => client.confirmEmail(token),
  reset_password: (client, link) => client.resetPassword(link),
  log_in: (client, { token }) => client.loginByLink({ token }),
};
let token;

/**
 * Sends a link to the account of a name. The page can't tell if there is such an account. Shows what the link of a mail is for.
 * Does it at the press of a button, because programs that check mails open links too.
 */
export function onMails(client, say) {
  onSubmit('forgot-form', async ({ username }, forgot) => {
    await client.requestPasswordReset(username);
    forgot.reset();
    say(text('mailSent'));
  }, messageOf);

  onSubmit('link-form', async ({ newPassword }) => {
    const { kind } = dialog.dataset;
    const result = await actions[kind](client, { token, newPassword });
    isComplete(result);
    dialog.close();
    // The page shows a login by itself.
    say(kind === 'log_in' ? '' : text(`done.${kind}`));
  }, messageOf);
  form.querySelector('[type=button]').addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => form.reset());
  const show = () => showLink(client).catch((error) => say(messageOf(error)));
  window.addEventListener('hashchange', show);
  return show();
}

async function showLink(client) {
  const [, given] = /^#link=([\w-]+)$/.exec(location.hash) ?? [];
  if (!given) {
    return;
  }

  // Neither the history nor a page that the user goes to next has the token.
  history.replaceState(history.state, '', location.pathname + location.search);
  const { kind, username, email } = await client.inspectLink(given);
  if (!actions[kind]) {
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
