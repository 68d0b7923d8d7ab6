import { AuthError } from '../authserver-client.js';
import { settings } from './client.js';
import { button, element, say } from './dom.js';
import { addStrength } from './strength.js';
import { find, text } from './texts.js';

const NAMES = ['username', 'email', 'displayName'];

/** Thrown by work that the user has cancelled. It is no problem to show. */
export class Cancelled extends Error {}

/** A problem of a field that the page itself has found. */
export class FieldError extends Error {
  constructor(field, message) {
    super(message);
    this.errors = { [field]: [message] };
  }
}

const PASSKEY_PROBLEMS = {
  NotAllowedError: 'passkey_refused', InvalidStateError: 'passkey_exists', SecurityError: 'passkey_address', AbortError: '',
};

/** The sentence about a failure; empty if there is nothing to say. */
export function messageOf(error) {
  // The end of the session is shown with its reason.
  if (error instanceof Cancelled || error.code === 'session_ended' || error.code === 'access_token_missing') {
    return '';
  }

  if (error instanceof DOMException && error.name in PASSKEY_PROBLEMS) {
    return find(`error.${PASSKEY_PROBLEMS[error.name]}`) ?? '';
  }

  // Something other than the server may answer, if the network asks for a login of its own.
  if (isAway(error)) {
    return text('error.network');
  }

  const code = error instanceof AuthError ? error.code : error.name;
  if (!(error instanceof AuthError || error instanceof FieldError)) {
    // A fault of this page, which its developers look for in the console.
    console.error(error);
  }

  const fields = Object.entries(error.errors ?? {})
    .map(([field, messages]) => `${find(field) ?? field}: ${ruleOf(field, messages)}`);
  return fields.join(' ') || find(`error.${code}`) || text('error.other', { code });
}

/** True if the same request may succeed later, because the server has not decided about it. */
export function canTryAgain(error) {
  return isAway(error) || error.status === 429 || error.status >= 500;
}

function isAway(error) {
  return ['network', 'unexpected_answer'].includes(error.code) || error.name === 'TimeoutError';
}

/** Shows a failure above the page, unless there is nothing to say. */
export function sayProblem(error) {
  const message = messageOf(error);
  message && say(message, 'bad');
}

/**
 * Runs work with the values of a form, one submit at a time. A failure is shown at its field, or else above the button.
 * @param {(error: Error) => string | undefined} [wordsOf] Another sentence for a failure.
 */
export function onSubmit(form, work, wordsOf = () => undefined) {
  prepare(form);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    showProblem(form);
    await busy(form.querySelector('[type=submit]'), async () => {
      try {
        checkFields(form);
        await work(Object.fromEntries(new FormData(form)), form);
      } catch (error) {
        showProblem(form, error, wordsOf(error));
      }
    });
  });
}

/** Disables a button while work runs, unless another one runs by it already. */
export async function busy(button, work) {
  if (button.disabled) {
    return;
  }

  const waiting = setTimeout(() => hasDialogAbove(button) || button.classList.add('is-busy'), 250);
  button.disabled = true;
  try {
    await work();
  } finally {
    clearTimeout(waiting);
    button.classList.remove('is-busy');
    button.disabled = false;
    keepFocus(button);
  }
}

/** A small button that is busy while it works, and says what went wrong. Its label says more to screen readers than its text. */
export function smallButton(key, work, className = 'quiet', label = text(key)) {
  const made = button(text(key), `${className} small`, () => busy(made, work).catch(sayProblem), { 'aria-label': label });
  return made;
}

// A button that was disabled has lost the focus. One that was replaced gives it to the title of its part.
function keepFocus(button) {
  if (document.activeElement === document.body && !document.querySelector('dialog[open]')) {
    (button.isConnected && !button.hidden ? button : document.querySelector('.pane:not([hidden]) h2'))?.focus();
  }
}

function hasDialogAbove(button) {
  return !button.closest('dialog') && document.querySelector('dialog[open]');
}

/** Shows the problem of a form, marks its fields and focuses the first of them. Without an error it removes both. */
export function showProblem(form, error, message) {
  const errors = error?.errors ?? {};
  const unshown = { ...errors };
  for (const input of form.querySelectorAll('input')) {
    const messages = errors[input.name];
    delete unshown[input.name];
    showFieldProblem(input, error instanceof FieldError ? messages?.join(' ') : messages && ruleOf(input.name, messages));
  }

  const isAtFields = Object.keys(errors).length > Object.keys(unshown).length;
  form.querySelector('.problem').textContent = !error || isAtFields ? '' : message ?? messageOf(error);
  form.querySelector('[aria-invalid]')?.focus();
}

/** Empties forms, so that the next user sees no input of the last one. */
export function resetForms(root) {
  for (const form of root.querySelectorAll('form')) {
    form.reset();
    showProblem(form);
  }
}

/** A field of a form that a script makes. */
export function field({ name, label, hint, options, isOptional, value = '', ...properties }) {
  const input = options
    ? element('select', { name }, ...options.map(([value, label]) => element('option', { value, textContent: label })))
    : element('input', { name, required: !isOptional, ...properties });
  input.value = value;
  return element('div', { className: 'field' },
    element('label', { textContent: label, ...(isOptional && { 'data-optional': '' }) }), input,
    hint ? element('p', { className: 'hint', textContent: hint }) : null);
}

/** Makes an input that of a code of six digits, or that of a longer one. */
export function takeCode(input, isLong) {
  input.closest('.field').classList.toggle('is-long', isLong);
  Object.assign(input, isLong
    ? { inputMode: 'text', autocomplete: 'off', autocapitalize: 'characters' }
    : { inputMode: 'numeric', autocomplete: 'one-time-code', autocapitalize: 'none' });
  input.spellcheck = false;
  input.value = '';
  input.oninput = isLong ? null : () => {
    // A paste may have spaces between the digits.
    const digits = input.value.replace(/\D/g, '').slice(0, 6);
    if (input.value !== digits) {
      input.value = digits;
    }

    if (digits.length === 6) {
      input.form.requestSubmit();
    }
  };
}

// Joins labels, hints and fields, and adds what fields of passwords have.
function prepare(form) {
  form.noValidate = true;
  form.id ||= `form-${Math.random().toString(36).slice(2)}`;
  for (const place of form.querySelectorAll('.field')) {
    const [label, input, hint] = ['label', 'input, select', '.hint'].map((selector) => place.querySelector(selector));
    input.id ||= `${form.id}-${input.name}`;
    label.htmlFor = input.id;
    if ('optional' in label.dataset) {
      label.append(' ', element('span', { className: 'optional', textContent: `(${text('optional')})` }));
    }

    if (hint) {
      hint.id = `${input.id}-hint`;
      describe(input, hint.id, true);
    }

    if (input.type === 'password') {
      addReveal(input, label.textContent);
      input.autocomplete === 'new-password' && addRules(input);
    }
  }
}

function addReveal(input, name) {
  const word = element('span');
  // A screen reader says which field it shows. The visible text comes first, so that speech control finds the button by it.
  const reveal = element('button', { type: 'button', 'aria-controls': input.id },
    word, element('span', { className: 'unseen', textContent: ` ${name}` }));
  const show = (isShown) => {
    input.type = isShown ? 'text' : 'password';
    word.textContent = text(isShown ? 'hide' : 'show');
  };
  show(false);
  reveal.addEventListener('click', () => {
    show(input.type === 'password');
    input.focus();
  });
  ['submit', 'reset'].forEach((type) => input.form.addEventListener(type, () => show(false)));
  const place = element('span', { className: 'secret' });
  input.replaceWith(place);
  place.append(input, reveal);
}

// The server decides. The first two are its rules, so far as a page can look after them.
function addRules(input) {
  const { form } = input;
  const minimum = Number(settings.minimum);
  const [length, names, guess] = [
    text('ruleLength', { count: minimum }), text('ruleNames'), text('ruleGuess'),
  ].map((textContent) => element('li', { textContent }));
  const list = element('ul', { className: 'rules', id: `${input.id}-rules` }, length, names, guess);
  input.closest('.field').append(list);
  describe(input, list.id, true);
  const showStrength = addStrength(input, (estimate) => {
    guess.classList.toggle('is-met', Boolean(estimate?.acceptable));
    return estimate?.detail && ruleOf('strength', [estimate.detail]);
  });
  const check = () => {
    const given = namesOf(form);
    const password = input.value.toLowerCase();
    const words = Object.values(given).flatMap((name) => name.toLowerCase().split(/[\s@._-]+/));
    const isLong = [...input.value].length >= minimum;
    showStrength(isLong && { password: input.value, ...given });
    length.classList.toggle('is-met', isLong);
    names.classList.toggle('is-met', password !== '' && !words.some((word) => word.length > 2 && password.includes(word)));
  };
  form.addEventListener('input', check);
  form.addEventListener('reset', () => setTimeout(check));
}

// The names of the user, by the fields of a form or by those that it was made with.
function namesOf(form) {
  return Object.fromEntries(NAMES.map((name) => [name, form.names?.[name] ?? form.elements[name]?.value])
    .filter(([, value]) => value));
}

function checkFields(form) {
  for (const input of form.querySelectorAll('input')) {
    const { valueMissing, typeMismatch } = input.validity;
    // A hidden field is not asked for.
    if ((valueMissing || typeMismatch) && input.offsetParent) {
      throw new FieldError(input.name, text(valueMissing ? 'invalid.missing' : 'invalid.email'));
    }
  }
}

function showFieldProblem(input, message) {
  const id = `${input.id}-problem`;
  document.getElementById(id)?.remove();
  describe(input, id, Boolean(message));
  if (!message) {
    return input.removeAttribute('aria-invalid');
  }

  input.setAttribute('aria-invalid', 'true');
  (input.closest('.secret') ?? input).after(element('p', { className: 'field-problem', id, textContent: message }));
}

function describe(input, id, isDescribed) {
  const ids = (input.getAttribute('aria-describedby') ?? '').split(' ').filter((one) => one && one !== id);
  const all = isDescribed ? [id, ...ids] : ids;
  all.length ? input.setAttribute('aria-describedby', all.join(' ')) : input.removeAttribute('aria-describedby');
}

function ruleOf(field, messages) {
  // The server's sentences have no subject.
  return find(`field.${field}`) ?? messages.join(' ').replace(/^(Is|Must|Can't|Has)\b/, (verb) => `It ${verb.toLowerCase()}`);
}
