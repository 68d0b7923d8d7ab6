import { createAuthClient } from '../authserver-client.js';
import { clearCalls, keepCalling, onCall } from './calls.js';
import { clearDevices, onEndDevice, onShowMore, showDevices } from './devices.js';
import { dueLink, link, messageOfFailure, showLinked, showProviders, unlink } from './external.js';
import { isComplete, onFactor } from './factor.js';
import { onSubmit, resetForms, showProblem } from './forms.js';
import { onMails } from './mails.js';
import { messageOf } from './problems.js';
import {
  completeForApplication, goBack, goBackOnce, isForApplication, isKnownToApplication, logInToApplication, returnAddress,
} from './return.js';
import { find, text, translate, why } from './texts.js';
import { showToken } from './token.js';

// The page may be below a path of a proxy.
const server = new URL('..', import.meta.url);
const client = createAuthClient({ server });
const failure = client.takeLoginFailure();
const due = dueLink(failure);
const $ = (id) => document.getElementById(id);
let renewals = 0;
let isLoggingOut = false;

translate(document);
client.onChange((session, change) => {
  switch (change.type) {
    case 'login':
      return due || isLeaving() ? undefined : showAccount(session);
    case 'refresh':
      renewals++;
      return showRenewal(session);
    case 'end':
      return showWelcome(isLoggingOut && !change.code ? '' : endedBy(change));
  }
});

$('retry').addEventListener('click', () => connect());
window.addEventListener('online', () => !$('connecting').hidden && connect());
const providersShown = showProviders(client);
if (failure) {
  // Its message has the provider's name.
  await providersShown;
}

await connect();

// Views

/** Asks the client for the session. If the server can't be reached, the session may still be live, so neither view is shown. */
async function connect() {
  $('retry').hidden = true;
  $('connecting-title').textContent = text('connecting');
  try {
    // If there was a session, onChange has shown its account or the reason of its end by now.
    const isLoggedIn = await (isForApplication ? isKnownToApplication(server) : client.session());
    if (isLoggedIn && due) {
      return goOnAfterLogin();
    }

    if (isForApplication ? !(isLoggedIn && goBackOnce()) : !isLoggedIn && !$('connecting').hidden) {
      showWelcome(failure ? messageOfFailure(failure) : isLoggedIn ? text('notSeen') : '');
    }
  } catch (error) {
    showNotice(messageOf(error));
    $('connecting-title').textContent = text('notConnected');
    $('retry').hidden = false;
  }
}

/** Leaves for another front end, if this is its login page. Not again, if it has just sent a browser that was logged in. */
function isLeaving() {
  if (!returnAddress) {
    return false;
  }

  return $('connecting').hidden ? goBack() : goBackOnce();
}

function showWelcome(message) {
  const isFirst = !$('connecting').hidden;
  keepCalling(false);
  clearCalls();
  clearDevices();
  showToken(null);
  show('welcome');
  showForm('login-form');
  showNotice(message);
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
  showNotice(isFirst && failure ? messageOfFailure(failure) : '');
  showRenewal(session);
  showLogins();
  if (!isFirst) {
    $('hello').focus();
  }
}

function showRenewal(session) {
  showToken(session);
  $('renewals').textContent = text('renewals', { count: renewals });
  showDevices(listDevices);
}

/** Shows the other ways to log in. */
async function showLogins() {
  try {
    const added = await showLinked(send, onUnlink, (provider) => link(provider, send).catch(showUnlessEnded));
    if (added) {
      showNotice(text('linked', { provider: added }));
    }
  } catch (error) {
    showUnlessEnded(error);
  }
}

function show(view) {
  // The next user must not answer a question to the last one.
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

/** Loads pages of the user's devices; null if that fails, which is shown. */
async function listDevices(pages) {
  try {
    const page = await client.sessions({ ended: true });
    while (page.next && --pages > 0) {
      const { sessions, next } = await client.sessions({ ended: true, after: page.next });
      page.sessions.push(...sessions);
      page.next = next;
    }

    return page;
  } catch (error) {
    showUnlessEnded(error);
    return null;
  }
}

function endedBy({ reason, code }) {
  return text('sessionEnded', { why: why(reason ?? code ?? 'logout') });
}

function showNotice(message) {
  $('notice').textContent = message;
}

function showUnlessEnded(error) {
  if (!isEnd(error)) {
    showNotice(messageOf(error));
  }
}

/** True if the session has ended, which onChange shows with its reason. */
function isEnd(error) {
  return error.code === 'session_ended' || error.code === 'access_token_missing';
}

// Actions

for (const button of document.querySelectorAll('[data-show]')) {
  button.addEventListener('click', () => {
    showForm(button.dataset.show);
    $(button.dataset.show).elements.username.focus();
  });
}

async function logIn(values) {
  if (isComplete(await (isForApplication ? logInToApplication(server, values) : client.login(values)))) {
    await goOnAfterLogin();
  }
}

onSubmit('login-form', logIn, messageOf);

onSubmit('register-form', async (fields, form) => {
  const values = Object.fromEntries(Object.entries(fields).filter(([, value]) => value));
  await client.register(values);
  try {
    await logIn({ username: values.username, password: values.password });
  } catch (error) {
    form.reset();
    showForm('login-form');
    $('login-form').elements.username.value = values.username;
    showProblem($('login-form'), `${text('registered')} ${messageOf(error)}`);
  }
}, messageOf);

const complete = (...step) => (isForApplication ? completeForApplication(server, ...step) : client.completeLogin(...step));
onFactor(complete, goOnAfterLogin, showNotice);

onMails(client, (message) => {
  showForm('login-form');
  showNotice(message);
  $('notice').focus();
});

onSubmit('password-form', async ({ currentPassword, newPassword, code }, form) => {
  await client.changePassword({ currentPassword, newPassword, ...(code && { code }) });
  form.reset();
  form.elements.username.value = $('who').textContent;
  showNotice(text('passwordChanged'));
  $('notice').focus();
  await showDevices(listDevices);
}, (error) => (error.code === 'invalid_credentials' ? text('error.wrong_password') : messageOf(error)));

/** Goes on after a login, if another page waits for it. If a link fails, the login counts all the same. */
async function goOnAfterLogin() {
  if (due) {
    await link(due, send, { join: true }).catch(() => location.reload());
  } else if (isForApplication) {
    goBack();
  }
}

/** Sends a request of the user, by the session cookie or by the access token. */
function send(path, options) {
  return isForApplication ? fetch(new URL(path, server), options) : client.fetch(path, options);
}

async function onUnlink(login) {
  try {
    showNotice(text('unlinked', { provider: await unlink(login, send) }));
    $('external-title').focus();
  } catch (error) {
    showUnlessEnded(error);
  }

  await Promise.all([showLogins(), showDevices(listDevices)]);
}

$('logout').addEventListener('click', () => logOut());
$('logout-all').addEventListener('click', () => {
  $('confirm').returnValue = '';
  $('confirm').showModal();
});
$('confirm').addEventListener('close', () => $('confirm').returnValue === 'yes' && logOut({ everywhere: true }));

async function logOut(options) {
  isLoggingOut = true;
  try {
    await client.logout(options);
    showNotice(text('loggedOut'));
  } catch (error) {
    $('account').hidden && !isEnd(error) ? showNotice(text('loggedOutHere')) : showUnlessEnded(error);
  } finally {
    isLoggingOut = false;
  }
}

onEndDevice(async (device) => {
  try {
    await client.endSession(device.id);
    showNotice(text('deviceEnded'));
  } catch (error) {
    showUnlessEnded(error);
  }

  if (!$('account').hidden) {
    $('devices-title').focus();
    await showDevices(listDevices);
  }
});

onShowMore(() => showDevices(listDevices));

onCall(async () => {
  const before = renewals;
  try {
    const response = await client.fetch('me');
    return [response.status, response.ok ? text(renewals > before ? 'callRenewed' : 'callSame') : (await response.json()).code];
  } catch (error) {
    return ['', messageOf(error)];
  }
});
