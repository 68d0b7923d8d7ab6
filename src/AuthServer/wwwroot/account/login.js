import { client, hasPasskeys, settings } from './client.js';
import { $, say } from './dom.js';
import { askForFactor, setUpFactor } from './factor.js';
import { busy, messageOf, onSubmit, resetForms, showProblem } from './forms.js';
import { text } from './texts.js';

// Codes of a passkey that the user has given, and that opens no session.
const ANSWERED = ['invalid_credentials', 'too_many_sessions', 'email_unverified', 'too_many_requests'];
const login = $('login-form');
let goOn = async () => {};
let offer = null;
let wantsLogin = false;
let typed = '';

/**
 * Prepares the cards of logins.
 * @param {() => unknown} then Goes on after a login.
 */
export function prepareLogins(then) {
  goOn = then;
  $('new-here').hidden = settings.registration === 'closed';
  $('login-mail').hidden = settings.mail !== 'on';
  $('login-passkey').hidden = !hasPasskeys;
  if (settings.email === 'required') {
    const { email } = $('register-form').elements;
    email.required = true;
    delete email.closest('.field').querySelector('label').dataset.optional;
  }

  for (const button of document.querySelectorAll('[data-show]')) {
    button.addEventListener('click', () => showCard(button.dataset.show));
  }

  onSubmit(login, logIn);
  onSubmit($('register-form'), register);
  $('forgot').addEventListener('click', () => showMailCard('forgot', 'forgotHint'));
  $('login-mail').addEventListener('click', () => showMailCard('loginByMail', 'mailHint'));
  onSubmit($('mail-form'), async ({ username }) => {
    await (wantsLogin ? client.requestLoginLink(username) : client.requestPasswordReset(username));
    showCard('sent');
  });
  $('login-passkey').addEventListener('click', () => busy($('login-passkey'), async () => {
    stopOffer();
    showProblem(login);
    try {
      await complete(await client.loginByPasskey());
    } catch (error) {
      showProblem(login, error, error.code === 'invalid_credentials' ? text('error.passkey_unknown') : undefined);
      offerPasskeys();
    }
  }));
}

/** Shows one card, focused. A name that was typed is taken along, unless another one is given. */
export function showCard(id, username) {
  const last = $('welcome').querySelector('.card:not([hidden])').elements?.username;
  typed = username ?? (last && !last.readOnly ? last.value : typed);
  stopOffer();
  say('');
  for (const card of $('welcome').querySelectorAll('.card')) {
    card.hidden = card.id !== id;
  }

  resetForms($('welcome'));
  const card = $(id);
  const named = card.elements?.username;
  if (named && !named.readOnly) {
    named.value = typed;
  }

  if (id === 'login-form') {
    offerPasskeys();
  }

  (card.querySelector('.field input') ?? card.querySelector('h1')).focus();
}

/** Shows the card that sends a link, which logs in or sets a new password. */
function showMailCard(title, lead) {
  wantsLogin = title === 'loginByMail';
  $('mail-title').textContent = text(title);
  $('mail-lead').textContent = text(lead);
  showCard('mail-form');
}

/** Ends the offer of passkeys in the field of the user name. */
export function stopOffer() {
  offer?.abort();
  offer = null;
}

/** Goes on with the result of a login, which may ask for a second factor. */
export async function complete(result) {
  if (result?.secondFactor === 'required') {
    showCard('factor-form');
    askForFactor(result);
  } else if (result?.secondFactor) {
    await setUpFactor(result);
    showCard('login-form');
    say(text('setUpDone'), 'good');
  } else {
    await goOn();
  }
}

async function logIn(values) {
  stopOffer();
  try {
    await complete(await client.login(values));
  } catch (error) {
    offerPasskeys();
    throw error;
  }
}

async function register(fields) {
  const values = Object.fromEntries(Object.entries(fields).filter(([, value]) => value));
  await client.register(values);
  try {
    await logIn({ username: values.username, password: values.password });
  } catch (error) {
    showCard('login-form', values.username);
    say(`${text('registered')} ${messageOf(error)}`, 'warn');
  }
}

/** Lets the browser offer passkeys in the field of the user name while the card is shown. */
async function offerPasskeys() {
  const canOffer = hasPasskeys && await PublicKeyCredential.isConditionalMediationAvailable?.();
  if (!canOffer || offer || login.hidden || $('welcome').hidden) {
    return;
  }

  offer = new AbortController();
  const { signal } = offer;
  try {
    await complete(await client.loginByPasskey({ mediation: 'conditional', signal }));
  } catch (error) {
    // Without an answer from the user there is nothing to say.
    if (!signal.aborted && ANSWERED.includes(error.code)) {
      offer = null;
      showProblem(login, error, error.code === 'invalid_credentials' ? text('error.passkey_unknown') : undefined);
    }
  }
}
