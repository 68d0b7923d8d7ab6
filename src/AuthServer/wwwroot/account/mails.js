import { AuthError } from '../authserver-client.js';
import { client } from './client.js';
import { $, say } from './dom.js';
import { canTryAgain, messageOf, onSubmit } from './forms.js';
import { text } from './texts.js';

const form = $('link-form');
const actions = {
  confirm_email: ({ token }) => client.confirmEmail(token),
  reset_password: (link) => client.resetPassword(link),
  log_in: ({ token }) => client.loginByLink({ token }),
};
let link = null;

/**
 * Shows what the link of a mail is for. Does it at the press of a button, because programs that check mails open links too.
 * @param {object} page
 * @param {(id: string) => void} page.show Shows a card, whether or not the user is logged in.
 * @param {(result: object) => Promise<unknown>} page.complete Goes on after a login.
 * @param {(message: string) => Promise<unknown>} page.back Goes back to what was shown, with a message.
 * @param {(error: Error) => unknown} page.wait Offers to try again, as the server has not answered.
 * @returns {() => Promise<void>} Shows the link of the address, if it has one.
 */
export function prepareMails({ show, complete, back, wait }) {
  onSubmit(form, async ({ newPassword }) => {
    const { kind, token } = link;
    const result = await actions[kind]({ token, newPassword });
    link = null;
    await (kind === 'log_in' ? complete(result) : back(text(`done.${kind}`), 'good'));
  });
  $('link-cancel').addEventListener('click', () => { link = null; back(''); });
  const follow = () => showLink(show).catch((error) => canTryAgain(error) ? wait(error) : back(messageOf(error), 'bad'));
  window.addEventListener('hashchange', follow);
  return follow;
}

/** True while a link of a mail waits for its button, unless it logs in. */
export function hasLink() {
  return link !== null && link.kind !== 'log_in';
}

async function showLink(show) {
  const { hash } = location;
  const [, token] = /^#link=([\w-]+)$/.exec(hash) ?? [];
  if (!token) {
    return;
  }

  const { kind, username, email } = await client.inspectLink(token).catch((error) => {
    canTryAgain(error) || forgetLink(hash);
    throw error;
  });
  if (!forgetLink(hash)) {
    return;
  }

  if (!actions[kind]) {
    throw new AuthError(0, { code: 'link_invalid' });
  }

  link = { kind, token };
  show('link-form');
  $('link-title').textContent = text(`do.${kind}`);
  $('link-question').textContent = text(`ask.${kind}`, { username, email });
  form.querySelector('[type=submit]').textContent = text(`do.${kind}`);
  form.elements.username.value = username;
  form.names = { email };
  $('link-password').hidden = kind !== 'reset_password';
  say('');
  (kind === 'reset_password' ? form.elements.newPassword : form.querySelector('[type=submit]')).focus();
}

/**
 * Removes a link from the address, once the server has answered. Neither the history nor a page that the user goes to next has
 * its token. Returns false if the address has changed meanwhile.
 */
function forgetLink(hash) {
  const isThere = location.hash === hash;
  isThere && history.replaceState(history.state, '', location.pathname + location.search);
  return isThere;
}
