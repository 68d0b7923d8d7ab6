import { call, client } from './client.js';
import { alsoElsewhere, ask, doneElsewhere } from './dialogs.js';
import { $, badge, button, element, row, say } from './dom.js';
import { smallButton } from './forms.js';
import { ofUser, withProof } from './proof.js';
import { language, text } from './texts.js';

const LANGUAGES = { en: 'English', ko: '한국어' };
let sentTo = null;

$('account').addEventListener('cleared', () => { sentTo = null; });

/** Shows the user's name, address and language, with what can be changed. */
export async function showProfile() {
  const profile = await ofUser(call('GET', 'me/profile'));
  const { username, displayName, email, emailVerified, locale } = profile;
  $('profile-card').replaceChildren(
    row(text('displayName'), fact(displayName),
      smallButton('change', () => change('displayName', {
        label: text('displayName'), hint: text('displayNameHint'), value: displayName ?? '', isOptional: true, maxLength: 64,
        autocomplete: 'name',
      }, (value) => client.updateProfile({ displayName: value || null })), 'quiet', labelOf('change', 'displayName'))),
    row(text('username'), fact(username),
      smallButton('change', () => change('username', {
        label: text('username'), hint: text('usernameHint'), value: username, maxLength: 64, autocomplete: 'username',
        autocapitalize: 'none', spellcheck: false,
      }, (value) => withProof(() => client.changeUsername(value))), 'quiet', labelOf('change', 'username'))),
    row([text('email'), ...stateOf(email, emailVerified)], [fact(email), ...sentLine()],
      ...(email && !emailVerified ? [smallButton('sendAgain', () => send(email), 'quiet', labelOf('sendAgain', 'email'))] : []),
      smallButton(email ? 'change' : 'add', () => ask({
        title: text('email'),
        lead: text('changeEmailHint'),
        fields: [{ name: 'email', label: text('email'), type: 'email', autocomplete: 'email', maxLength: 254 }],
        submit: text('sendLink'),
        work: (values) => send(values.email),
      }), 'quiet', labelOf(email ? 'change' : 'add', 'email')),
      ...(email ? [smallButton('remove', removeEmail, 'danger', labelOf('remove', 'email'))] : [])),
    row(text('mailLanguage'), fact(nameOfLanguage(locale)),
      smallButton('change', () => change('mailLanguage', {
        name: 'locale', label: text('mailLanguage'), value: locale ?? '',
        options: [['', text('languageOfServer')], ...Object.entries(LANGUAGES), ...unlisted(locale)],
      }, (value) => client.updateProfile({ locale: value || null })), 'quiet', labelOf('change', 'mailLanguage'))));
}

async function change(key, { name = key, ...field }, save) {
  const user = await ask({ title: text(key), fields: [{ name, ...field }], work: (values) => ofUser(save(values[name])) });
  if (user) {
    $('account').dispatchEvent(new CustomEvent('renamed', { detail: { name: user.displayName, username: user.username } }));
    await showAgain('saved');
  }
}

async function send(email) {
  await withProof(() => client.changeEmail(email));
  sentTo = email;
  await showAgain('emailSent', { email });
}

async function removeEmail() {
  const isRemoved = await ask({
    title: text('removeEmail'), lead: alsoElsewhere('removeEmailHint'), submit: text('remove'),
    isDangerous: true,
    work: () => withProof(() => client.removeEmail()),
  });
  if (isRemoved) {
    sentTo = null;
    await showAgain('emailRemoved', {}, doneElsewhere);
  }
}

async function showAgain(message, values, wordsOf = text) {
  await showProfile();
  say(wordsOf(message, values), 'good');
}

// The visible text comes first, so that speech control finds the button by it.
function labelOf(key, purpose) {
  return `${text(key)}: ${text(purpose)}`;
}

function fact(value) {
  return element('p', {}, value ? element('strong', { textContent: value }) : text('none'));
}

function stateOf(email, isVerified) {
  return !email ? [] : [isVerified ? badge(text('emailConfirmed'), 'good') : badge(text('emailWaiting'), 'warn')];
}

function sentLine() {
  return sentTo ? [element('p', { textContent: text('emailSent', { email: sentTo }) })] : [];
}

function nameOfLanguage(locale) {
  try {
    return !locale ? text('languageOfServer') : new Intl.DisplayNames(language, { type: 'language' }).of(locale);
  } catch {
    // BCP 47 has more tags than this API has names for.
    return locale;
  }
}

function unlisted(locale) {
  return locale && !(locale in LANGUAGES) ? [[locale, nameOfLanguage(locale)]] : [];
}
