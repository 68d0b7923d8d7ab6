import { AuthError, createAuthClient } from '/authserver-client.js';
import { clearCalls, keepCalling, onCall } from './calls.js';
import { clearDevices, onEndDevice, showDevices } from './devices.js';
import { complain, onSubmit, resetForms } from './forms.js';
import { find, text, translate, why } from './texts.js';
import { showToken } from './token.js';

const client = createAuthClient();
const $ = (id) => document.getElementById(id);
let renewals = 0;
let leaving = false;

translate(document);
client.onChange((session, change) => {
  switch (change.type) {
    case 'login':
      return showAccount(session);
    case 'refresh':
      renewals++;
      return showRenewal(session);
    case 'end':
      return showWelcome(leaving && !change.code ? '' : text('signedOut', { why: why(change.reason ?? change.code ?? 'logout') }));
  }
});

$('retry').addEventListener('click', () => connect());
window.addEventListener('online', () => !$('connecting').hidden && connect());
await connect();

// What is shown

/** Finds out who is logged in. A server that can't be reached logs nobody out: then there is nothing to show yet. */
async function connect() {
  $('retry').hidden = true;
  $('connecting-title').textContent = text('connecting');
  try {
    // Where there was a session, onChange has told of it by now: it goes on, or has ended and why.
    if (!await client.session() && !$('connecting').hidden) {
      showWelcome('');
    }
  } catch (error) {
    say(messageOf(error));
    $('connecting-title').textContent = text('notConnected');
    $('retry').hidden = false;
  }
}

function showWelcome(message) {
  const isFirst = !$('connecting').hidden;
  keepCalling(false);
  clearCalls();
  clearDevices();
  showToken(null);
  show('welcome');
  showForm('login-form');
  say(message);
  if (!isFirst) {
    (message ? $('notice') : $('login-form').elements.username).focus();
  }
}

function showAccount(session) {
  const isFirst = !$('connecting').hidden;
  renewals = 0;
  $('hello').textContent = text('hello', { name: session.user.name });
  $('who').textContent = session.user.username;
  clearCalls();
  clearDevices();
  show('account');
  $('password-form').elements.username.value = session.user.username;
  say('');
  showRenewal(session);
  if (!isFirst) {
    $('hello').focus();
  }
}

function showRenewal(session) {
  showToken(session);
  $('renewals').textContent = text('renewals', { count: renewals });
  showDevices(listDevices);
}

function show(view) {
  // A question that was put to one user is not for the next to answer.
  $('confirm').close('');
  for (const id of ['connecting', 'welcome', 'account']) {
    $(id).hidden = id !== view;
  }

  for (const id of ['who', 'logout']) {
    $(id).hidden = view !== 'account';
  }

  resetForms();
}

function showForm(id) {
  for (const form of $('welcome').querySelectorAll('form')) {
    form.hidden = form.id !== id;
  }
}

/** The user's devices; nothing where they can't be had, which is said. */
async function listDevices() {
  try {
    return await client.sessions({ ended: true });
  } catch (error) {
    sayUnlessEnded(error);
    return null;
  }
}

function say(message) {
  $('notice').textContent = message;
}

function sayUnlessEnded(error) {
  if (!isOfTheEnd(error)) {
    say(messageOf(error));
  }
}

/** Whether the session is over, which onChange tells of with its reason. */
function isOfTheEnd(error) {
  return error.code === 'session_ended' || error.code === 'access_token_missing';
}

function messageOf(error) {
  if (!(error instanceof AuthError)) {
    return text('error.network');
  }

  const fields = Object.entries(error.errors ?? {}).map(([field, messages]) => {
    const label = find(field) ?? field;
    return `${label}: ${find(`field.${field}`) ?? messages.join(' ')}`;
  });
  return fields.join(' ') || find(`error.${error.code}`) || text('error.other', { code: error.code });
}

// What is done

for (const button of document.querySelectorAll('[data-show]')) {
  button.addEventListener('click', () => {
    showForm(button.dataset.show);
    $(button.dataset.show).elements.username.focus();
  });
}

onSubmit('login-form', (values) => client.login(values), messageOf);

onSubmit('register-form', async ({ displayName, ...values }, form) => {
  await client.register(displayName ? { ...values, displayName } : values);
  try {
    await client.login({ username: values.username, password: values.password });
  } catch (error) {
    form.reset();
    showForm('login-form');
    $('login-form').elements.username.value = values.username;
    complain($('login-form'), `${text('registered')} ${messageOf(error)}`);
  }
}, messageOf);

onSubmit('password-form', async ({ currentPassword, newPassword }, form) => {
  await client.changePassword({ currentPassword, newPassword });
  form.reset();
  form.elements.username.value = $('who').textContent;
  say(text('passwordChanged'));
  $('notice').focus();
  await showDevices(listDevices);
}, (error) => (error.code === 'invalid_credentials' ? text('error.wrong_password') : messageOf(error)));

$('logout').addEventListener('click', () => leave());
$('logout-all').addEventListener('click', () => {
  $('confirm').returnValue = '';
  $('confirm').showModal();
});
$('confirm').addEventListener('close', () => $('confirm').returnValue === 'yes' && leave({ everywhere: true }));

async function leave(options) {
  leaving = true;
  try {
    await client.logout(options);
    say(text('loggedOut'));
  } catch (error) {
    $('account').hidden && !isOfTheEnd(error) ? say(text('loggedOutUntold')) : sayUnlessEnded(error);
  } finally {
    leaving = false;
  }
}

onEndDevice(async (device) => {
  try {
    await client.endSession(device.id);
    say(text('deviceEnded'));
  } catch (error) {
    sayUnlessEnded(error);
  }

  if (!$('account').hidden) {
    $('devices-title').focus();
    await showDevices(listDevices);
  }
});

onCall(async () => {
  const before = renewals;
  try {
    const response = await client.fetch('/me');
    return [response.status, response.ok ? text(renewals > before ? 'callRenewed' : 'callSame') : (await response.json()).code];
  } catch (error) {
    return ['', messageOf(error)];
  }
});
