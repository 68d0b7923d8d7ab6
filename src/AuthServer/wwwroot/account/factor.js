import { client, hasPasskeys } from './client.js';
import { ask, askOrCancel } from './dialogs.js';
import { $, button, element, say } from './dom.js';
import { busy, canTryAgain, messageOf, onSubmit, showProblem, takeCode } from './forms.js';
import { text } from './texts.js';

const form = $('factor-form');
const input = form.elements.code;
let step;
let isRecovery = false;

/**
 * Prepares the card that asks for a second factor. A login by a provider comes back with its challenge after the `#`.
 * @param {(step: object) => unknown} complete Goes on with a step.
 * @param {() => unknown} goOn Goes on after the login.
 */
export function prepareFactor(complete, goOn) {
  onSubmit(form, async ({ code }) => {
    try {
      await client.completeLogin(step, code.trim());
    } catch (error) {
      input.select();
      throw error;
    }

    await goOn();
  });
  $('factor-other').addEventListener('click', () => askForFactor(step, !isRecovery));
  $('factor-passkey').addEventListener('click', () => busy($('factor-passkey'), async () => {
    showProblem(form);
    try {
      await client.completeLoginByPasskey(step);
    } catch (error) {
      showProblem(form, error);
      return;
    }

    await goOn();
  }));

  const given = new URLSearchParams(location.hash.slice(1));
  if (given.has('challenge') || given.has('setup')) {
    // Neither the history nor a page that the user goes to next has it, unless a reload has to try again.
    const { hash } = location;
    history.replaceState(history.state, '', location.pathname + location.search);
    return () => complete({
      secondFactor: given.has('challenge') ? 'required' : 'setup',
      challenge: given.get('challenge') ?? given.get('setup'),
      methods: given.get('methods')?.split(','),
    }).catch((error) => {
      canTryAgain(error) && history.replaceState(history.state, '', hash);
      say(messageOf(error), 'bad');
    });
  }

  return null;
}

/** Asks for a second factor, by the ways that the account has. */
export function askForFactor(next, wantsRecovery = false) {
  step = next;
  const methods = step.methods ?? ['totp', 'recovery_code'];
  const hasTotp = methods.includes('totp');
  const hasCode = hasTotp || methods.includes('recovery_code');
  const hasPasskey = hasPasskeys && methods.includes('passkey');
  isRecovery = wantsRecovery || (!hasTotp && !hasPasskey);
  const isPasskeyOnly = hasPasskey && !hasTotp && !isRecovery;
  takeCode(input, isRecovery);
  showProblem(form);
  $('factor-lead').textContent = text(isPasskeyOnly ? 'factorPasskey' : !hasCode ? 'factorElsewhere'
    : isRecovery ? 'factorRecovery' : 'factorTotp');
  form.querySelector('label').textContent = text(isRecovery ? 'recoveryCode' : 'totp');
  form.querySelector('.field').hidden = form.querySelector('[type=submit]').hidden = isPasskeyOnly || !hasCode;
  $('factor-passkey').hidden = !hasPasskey;
  $('factor-passkey').classList.toggle('primary', isPasskeyOnly);
  $('factor-other').hidden = !methods.includes('recovery_code') || !(hasTotp || hasPasskey);
  $('factor-other').textContent = text(!isRecovery ? 'useRecovery' : hasTotp ? 'useTotp' : 'usePasskey');
  (isPasskeyOnly ? $('factor-passkey') : input).focus();
}

/**
 * Sets up an authenticator app in a dialog, and shows its recovery codes.
 * @param {() => Promise<object>} begin
 * @param {(code: string) => Promise<string[]>} confirm
 * @param {string} [lead] The reason, if the user has not asked for it.
 */
export async function setUpApp(begin, confirm, lead) {
  const { secret, uri, qr } = await begin();
  const picture = element('div', { className: 'qr', role: 'img', 'aria-label': text('qrOf') },
    document.importNode(new DOMParser().parseFromString(qr, 'image/svg+xml').documentElement, true));
  const asked = askOrCancel({
    title: text('authenticator'),
    lead: lead ?? text('scan'),
    content: [
      picture,
      element('p', { className: 'hint', textContent: text('orType') }),
      element('p', { className: 'key plain', textContent: secret.replace(/(.{4})(?=.)/g, '$1 ') }),
    ],
    fields: [{ name: 'code', label: text('typeCode') }],
    submit: text('confirm'),
    work: ({ code }) => confirm(code),
  });
  const field = picture.closest('dialog').querySelector('[name=code]');
  field.closest('.field').classList.add('code');
  takeCode(field, false);
  const codes = await asked;
  if (codes.length) {
    // After a login by a provider nothing else has the name: otpauth://totp/ISSUER:NAME
    await showCodes(codes, decodeURIComponent(new URL(uri).pathname.split(':')[1]));
  }
}

/** Sets up an authenticator app for a login that has to have one. */
export function setUpFactor(step) {
  return setUpApp(() => client.beginTotp(step), (code) => client.confirmTotp(code, step), text('setUpFirst'));
}

/** Shows recovery codes, which can't be seen again. */
export function showCodes(codes, username) {
  const content = [text('codesFile', { name: document.title, username }), '', ...codes].join('\n');
  const copy = button(text('copy'), 'quiet small', async () => {
    await navigator.clipboard.writeText(content);
    copy.textContent = text('copied');
  });
  return ask({
    title: text('recoveryCodes'),
    lead: text('keepCodes'),
    content: [
      element('ul', { className: 'codes' }, ...codes.map((textContent) => element('li', { textContent }))),
      element('div', { className: 'between no-print' },
        copy,
        button(text('download'), 'quiet small', () => download(content, 'text/plain', 'recovery-codes.txt')),
        button(text('print'), 'quiet small', () => print())),
    ],
    submit: text('close'),
    canCancel: false,
  });
}

/** Saves a text as a file. */
export function download(content, type, name) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  element('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
