import { AuthError } from '../authserver-client.js';
import { client, hasPasskeys } from './client.js';
import { askOrCancel, finish } from './dialogs.js';
import { $, button, element } from './dom.js';
import { busy, Cancelled, showProblem } from './forms.js';
import { text } from './texts.js';

let users = 0;
$('account').addEventListener('cleared', () => users++);

/** The result of a request of the user. Throws `Cancelled` once the page has forgotten that user. */
export async function ofUser(request) {
  const before = users;
  const [{ value, reason }] = await Promise.allSettled([request]);
  if (before !== users) {
    throw new Cancelled();
  }

  if (reason) {
    throw reason;
  }

  return value;
}

/** Runs work, and runs it again after a fresh proof if it needs one. */
export async function withProof(work) {
  try {
    return await ofUser(work());
  } catch (error) {
    if (!['reauthentication_required', 'second_factor_required'].includes(error.code)) {
      throw error;
    }
  }

  await ofUser(proveAgain());
  return ofUser(work());
}

/** Asks who the user is, by one of the ways that the account has. */
async function proveAgain() {
  const offer = await ofUser(client.reauthenticationOptions());
  const isByMail = offer.methods.includes('mail_code');
  const session = await ofUser(client.session());
  const passkey = hasPasskeys && offer.methods.includes('passkey') && passkeyButton();
  if (isByMail) {
    await askOrCancel({
      title: text('proofTitle'),
      lead: text('proofMail', { email: session.claims.email ?? text('proofMailAddress') }),
      submit: text('sendCode'),
      isProof: true,
      work: () => client.requestReauthenticationCode(),
    });
  }

  const isByPassword = offer.methods.includes('password');
  const fields = [
    isByPassword && { name: 'password', label: text('password'), type: 'password', autocomplete: 'current-password' },
    isByMail && { name: 'mailCode', label: text('mailCode'), inputMode: 'numeric', autocomplete: 'one-time-code' },
    offer.secondFactors.length > 0 && (isByPassword || isByMail) && {
      name: 'code', label: text('code'), autocomplete: 'one-time-code', hint: text('error.second_factor_required'),
    },
  ].filter(Boolean);
  await askOrCancel({
    title: text('proofTitle'),
    lead: text(isByMail ? 'proofMailSent' : 'proofLead'),
    username: session.user.username,
    fields: fields.map((one) => ({ ...one })),
    content: [passkey, passkey && fields.length && element('p', { className: 'or', textContent: text('or') }),
      ...(fields.length ? [] : proofsByLogin())].filter(Boolean),
    submit: fields.length ? text('goOn') : null,
    isProof: true,
    work: async ({ password, mailCode, code }) => {
      const proof = await (mailCode
        ? client.reauthenticateByMail(mailCode.replace(/\D/g, ''), code || undefined)
        : client.reauthenticate(password, code || undefined));
      if (!proof.isFresh) {
        throw new AuthError(401, { code: 'second_factor_required' });
      }

      return true;
    },
    wordsOf: (error) => error.code === 'invalid_credentials' ? text('error.wrong_proof') : undefined,
  });
}

// A login is a proof too, and has ways that the account may have nowhere else.
function proofsByLogin() {
  return [
    element('p', { textContent: text('proofByLogin') }),
    button(text('logout'), 'quiet', () => $('account').dispatchEvent(new CustomEvent('logout'))),
  ];
}

function passkeyButton() {
  const made = button(text('usePasskey'), 'quiet', () => busy(made, async () => {
    try {
      await client.reauthenticateByPasskey();
      finish(made, true);
    } catch (error) {
      showProblem(made.form, error);
    }
  }));
  return made;
}
