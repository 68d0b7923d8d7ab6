import { AuthError, createAuthClient } from '/authserver-client.js';
import { element, entryOf } from './devices.js';
import { find, text, translate, why } from './texts.js';
import { showToken } from './token.js';

const client = createAuthClient();
const $ = (id) => document.getElementById(id);
const CALLS_SHOWN = 5;
let renewals = 0;
let calling = 0;
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
      return showWelcome(leaving ? '' : text('signedOut', { why: why(change.reason ?? change.code ?? 'logout') }));
  }
});

try {
  // Where there was a session, onChange has told of it by now: it goes on, or has ended and why.
  if (!await client.session() && $('welcome').hidden) {
    showWelcome('');
  }
} catch (error) {
  showWelcome(messageOf(error));
}

// What is shown

function showWelcome(message) {
  const isFirst = $('account').hidden;
  keepCalling(false);
  showToken(null);
  show({ welcome: true });
  showForm('login-form');
  say(message);
  if (!isFirst) {
    (message ? $('notice') : $('login-form').elements.username).focus();
  }
}

function showAccount(session) {
  const isFirst = $('welcome').hidden;
  renewals = 0;
  $('hello').textContent = text('hello', { name: session.user.name });
  $('who').textContent = session.user.username;
  $('password-form').elements.username.value = session.user.username;
  $('calls').replaceChildren();
  show({ account: true });
  say('');
  showRenewal(session);
  if (!isFirst) {
    $('hello').focus();
  }
}

function showRenewal(session) {
  showToken(session);
  $('renewals').textContent = text('renewals', { count: renewals });
  showDevices();
}

function show({ welcome = false, account = false }) {
  $('welcome').hidden = !welcome;
  for (const id of ['account', 'who', 'logout']) {
    $(id).hidden = !account;
  }

  for (const form of document.querySelectorAll('main form')) {
    form.reset();
    complain(form, '');
  }
}

function showForm(id) {
  for (const form of $('welcome').querySelectorAll('form')) {
    form.hidden = form.id !== id;
  }
}

async function showDevices() {
  try {
    const devices = await client.sessions({ ended: true });
    const [live, ended] = [false, true].map((over) => devices.filter((device) => !!device.endedAt === over));
    $('devices').replaceChildren(...live.map((device) => entryOf(device, endDevice)));
    const none = element('li', { className: 'device-facts', textContent: text('noneEnded') });
    $('ended-devices').replaceChildren(...ended.length ? ended.map((device) => entryOf(device, endDevice)) : [none]);
  } catch (error) {
    // The end of the session is told by onChange.
    if (error.code !== 'session_ended') {
      say(messageOf(error));
    }
  }
}

function say(message) {
  $('notice').textContent = message;
}

// What is done

for (const button of document.querySelectorAll('[data-show]')) {
  button.addEventListener('click', () => {
    showForm(button.dataset.show);
    $(button.dataset.show).elements.username.focus();
  });
}

onSubmit('login-form', (values) => client.login(values));

onSubmit('register-form', async ({ displayName, ...values }) => {
  await client.register(displayName ? { ...values, displayName } : values);
  await client.login({ username: values.username, password: values.password });
});

onSubmit('password-form', async ({ currentPassword, newPassword }, form) => {
  await client.changePassword({ currentPassword, newPassword });
  form.reset();
  form.elements.username.value = $('who').textContent;
  say(text('passwordChanged'));
  $('notice').focus();
  await showDevices();
});

$('logout').addEventListener('click', () => leave());
$('logout-all').addEventListener('click', () => $('confirm').showModal());
$('confirm').addEventListener('close', () => $('confirm').returnValue === 'yes' && leave({ everywhere: true }));
$('call').addEventListener('click', () => call());
$('keep-calling').addEventListener('change', (event) => keepCalling(event.target.checked));

async function leave(options) {
  leaving = true;
  try {
    await client.logout(options);
    say(text('loggedOut'));
  } catch (error) {
    say($('account').hidden ? text('loggedOutUntold') : messageOf(error));
  } finally {
    leaving = false;
  }
}

async function endDevice(device, button) {
  button.disabled = true;
  try {
    await client.endSession(device.id);
    say(text('deviceEnded'));
  } catch (error) {
    say(messageOf(error));
  }

  $('devices-title').tabIndex = -1;
  $('devices-title').focus();
  await showDevices();
}

async function call() {
  const before = renewals;
  const start = performance.now();
  try {
    const response = await client.fetch('/me');
    const took = `${Math.round(performance.now() - start)} ms`;
    log(response.status, response.ok ? text(renewals > before ? 'callRenewed' : 'callSame') : (await response.json()).code, took);
  } catch (error) {
    log('', messageOf(error), '');
  }
}

function log(status, outcome, took) {
  const parts = [['strong', status], ['span', outcome], ['span', took]];
  $('calls').prepend(element('li', {}, ...parts.map(([tag, content]) => element(tag, { textContent: content }))));
  $('calls').children[CALLS_SHOWN]?.remove();
}

function keepCalling(on) {
  clearInterval(calling);
  $('keep-calling').checked = on;
  calling = on ? setInterval(call, 1000) : 0;
}

// Forms

function onSubmit(id, work) {
  const form = $(id);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = form.querySelector('[type=submit]');
    button.disabled = true;
    complain(form, '');
    try {
      await work(Object.fromEntries(new FormData(form)), form);
    } catch (error) {
      complain(form, messageOf(error), Object.keys(error.errors ?? {}));
    } finally {
      button.disabled = false;
    }
  });
}

function complain(form, message, fields = []) {
  form.querySelector('.problem').textContent = message;
  for (const input of form.elements) {
    if (input.name) {
      input.toggleAttribute('aria-invalid', false);
      fields.includes(input.name) && input.setAttribute('aria-invalid', 'true');
    }
  }

  form.querySelector('[aria-invalid]')?.focus();
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
