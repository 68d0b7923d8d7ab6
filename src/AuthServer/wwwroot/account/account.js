import { client, goBack, goBackOnce, isForApplication, loaded, returnAddress } from './client.js';
import { closeDialogs } from './dialogs.js';
import { $, addIcons, say } from './dom.js';
import { dueLink, hasLeft, link, messageOfFailure, showProviders } from './external.js';
import { prepareFactor } from './factor.js';
import { messageOf, resetForms, sayProblem } from './forms.js';
import { prepareFrame } from './frame.js';
import { complete, prepareLogins, showCard, stopOffer } from './login.js';
import { hasLink, prepareMails } from './mails.js';
import { loadTexts, text, translate, why } from './texts.js';

const PANES = ['profile', 'security', 'devices', 'data'];
const failure = client.takeLoginFailure();
const due = dueLink(failure);
let user = null;
let isLoggingOut = false;
let connecting = null;

translate(document);
addIcons(document);
prepareFrame();
const providersShown = showProviders();
prepareLogins(goOnAfterLogin);
const goOnWithFactor = prepareFactor(complete, goOnAfterLogin);
$('connecting-title').textContent = text('connecting');

client.onChange((session, change) => {
  switch (change.type) {
    case 'login':
      // An application shows its users their account itself.
      return isForApplication || due || isLeaving() ? undefined : showAccount(session);
    case 'refresh':
      return showRefresh(session);
    case 'end':
      return hasLink() ? forget() : showEnd(change);
  }
});

$('retry').addEventListener('click', () => tryAgain());
window.addEventListener('online', () => !$('connecting').hidden && tryAgain());
window.addEventListener('hashchange', () => !$('account').hidden && showPane(true));
$('logout').addEventListener('click', () => logOut());
$('account').addEventListener('logout', () => logOut());
$('account').addEventListener('logout-all', () => logOut({ everywhere: true }));
$('account').addEventListener('renamed', ({ detail }) => showPerson(detail));

if (failure) {
  // Its message has the provider's name.
  await providersShown;
}

const followLink = prepareMails({ show: showLink, complete, back: showBack, wait: showRetry });
await connect();
if (goOnWithFactor) {
  show('welcome');
  await goOnWithFactor();
}

await followLink();

// Views

/** Connects, once for all callers. */
function connect() {
  connecting ??= askForSession().finally(() => { connecting = null; });
  return connecting;
}

async function tryAgain() {
  await connect();
  await followLink();
}

/** Asks the client for the session. If the server can't be reached, the session may still be live, so neither view is shown. */
async function askForSession() {
  $('retry').hidden = true;
  $('connecting-title').textContent = text('connecting');
  try {
    // If there was a session, onChange has shown its account or the reason of its end by now.
    const session = await client.session();
    if (session && due) {
      return await goOnAfterLogin();
    }

    if (isForApplication ? !(session && goBackOnce()) : !session && !$('connecting').hidden) {
      showWelcome(failure ? messageOfFailure(failure) : session ? text('notSeen') : '', failure ? 'bad' : 'warn');
    } else if (session?.user.id === user && !$('connecting').hidden) {
      // The account was shown before, and gave way to a link that the server did not answer.
      showAccount(session);
    }
  } catch (error) {
    showRetry(error);
  }
}

/** Offers to try again after a request without an answer. */
function showRetry(error) {
  show('connecting');
  sayProblem(error);
  $('connecting-title').textContent = text('notConnected');
  $('retry').hidden = false;
}

/** Leaves for another front end, if this is its login page. Not again, if it has just sent a browser that was logged in. */
function isLeaving() {
  if (!returnAddress) {
    return false;
  }

  return $('connecting').hidden ? goBack() : goBackOnce();
}

// The card of a link stays: it needs no session.
function forget() {
  user = null;
  clear();
}

function showEnd({ code, reason = code ?? 'logout' }) {
  if (!code && reason === 'deleted') {
    return showWelcome(text('accountDeleted'), 'good');
  }

  showWelcome(isLoggingOut && !code ? '' : text('sessionEnded', { why: why(reason) }), 'warn');
}

function showWelcome(message, kind) {
  const isFirst = !$('connecting').hidden;
  forget();
  show('welcome');
  showProviders();
  showCard('login-form', '');
  say(message, kind);
  if (!isFirst) {
    (message ? $('notice') : $('login-form').elements.username).focus();
  }
}

function showAccount(session) {
  const isFirst = !$('connecting').hidden;
  const isOther = user !== session.user.id;
  user = session.user.id;
  stopOffer();
  if (hasLink()) {
    return;
  }

  if (isOther) {
    clear();
    closeDialogs();
  }

  show('account');
  showPerson(session.user);
  say(isFirst && failure ? messageOfFailure(failure) : '', 'bad');
  if (hasLeft()) {
    history.replaceState(history.state, '', '#security');
  }

  showPane(false);
  if (!isFirst) {
    $('hello').focus();
  }
}

function showRefresh(session) {
  if (user !== null && !$('account').hidden) {
    showPerson(session.user);
    !$('pane-devices').hidden && load('devices').catch(sayProblem);
  }
}

function showPerson({ name, username }) {
  $('hello').textContent = name;
  $('who').textContent = username;
  $('who').hidden = username === name;
  $('avatar').textContent = [...name][0].toUpperCase();
}

async function showPane(isFocused) {
  const name = location.hash.slice(1);
  const shown = PANES.includes(name) ? name : name === 'password' ? 'security' : 'profile';
  for (const pane of PANES) {
    const isShown = pane === shown;
    $(`pane-${pane}`).hidden = !isShown;
    const link = document.querySelector(`.tabs [href="#${pane}"]`);
    isShown ? link.setAttribute('aria-current', 'page') : link.removeAttribute('aria-current');
  }

  isFocused && say('');
  isFocused && $(`${shown}-title`).focus();
  try {
    await load(shown);
    if (name === 'password') {
      history.replaceState(history.state, '', '#security');
      await (await loadPanes()).changePassword();
    }
  } catch (error) {
    sayProblem(error);
  }
}

/** Loads what a pane shows. */
async function load(pane) {
  const { panes } = await loadPanes();
  await panes[pane]();
}

/** Loads the modules and the texts of the account, of which the login needs none. */
async function loadPanes() {
  const [panes] = await loaded(Promise.all([import('./panes.js'), loadTexts('./{language}/account.js')]));
  translate($('account'));
  return panes;
}

/** Removes what the page shows of a user. */
function clear() {
  ['profile-card', 'security-cards', 'data-cards'].forEach((id) => $(id).replaceChildren());
  $('account').dispatchEvent(new CustomEvent('cleared'));
}

function show(view) {
  if (view !== 'account') {
    closeDialogs();
  }

  document.body.dataset.view = view;
  for (const id of ['connecting', 'welcome', 'account']) {
    $(id).hidden = id !== view;
  }

  $('logout').hidden = view !== 'account';
  resetForms($('welcome'));
}

function showLink(card) {
  closeDialogs();
  show('welcome');
  showCard(card);
}

/** Goes back to the account, or to the login. */
async function showBack(message, kind) {
  try {
    const session = isForApplication ? null : await client.session();
    session ? showAccount(session) : showWelcome('');
  } catch (error) {
    // The session may live on.
    return showRetry(error);
  }

  say(message, kind);
  message && $('notice').focus();
}

/** Goes on after a login, if another page waits for it. If a link fails, the login counts all the same. */
async function goOnAfterLogin() {
  if (due) {
    await link(due, { join: true }).catch(() => location.reload());
  } else if (isForApplication) {
    goBack();
  }
}

async function logOut(options) {
  isLoggingOut = true;
  try {
    await client.logout(options);
    user === null && say(text('loggedOut'), 'good');
  } catch (error) {
    $('account').hidden && messageOf(error) ? say(text('loggedOutHere'), 'warn') : sayProblem(error);
  } finally {
    isLoggingOut = false;
  }
}
