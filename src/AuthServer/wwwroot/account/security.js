import { call, client, hasPasskeys } from './client.js';
import { alsoElsewhere, ask, doneElsewhere } from './dialogs.js';
import { $, badge, button, element, icon, row, say } from './dom.js';
import { link, nameOf, providers, showProviders, takeAdded } from './external.js';
import { setUpApp, showCodes } from './factor.js';
import { Cancelled, sayProblem, smallButton } from './forms.js';
import { ofUser, withProof } from './proof.js';
import { ago, day, text } from './texts.js';

/** Shows the ways in which the user logs in, with what can be changed. */
export async function showSecurity() {
  const [profile, factors, { externalLogins }] = await ofUser(Promise.all(
    [call('GET', 'me/profile'), client.secondFactors(), call('GET', 'external-logins'), showProviders()]));
  $('security-cards').replaceChildren(
    passwordCard(profile),
    passkeyCard(factors),
    factorCard(factors, profile),
    ...externalCards(externalLogins));
  const added = takeAdded(externalLogins);
  if (added) {
    say(doneElsewhere('linked', { provider: added }), 'good');
  }
}

/** Asks for a new password. */
export async function changePassword() {
  const names = await ofUser(call('GET', 'me/profile'));
  const { username, hasPassword } = names;
  const newPassword = { name: 'newPassword', label: text('newPassword'), type: 'password', autocomplete: 'new-password' };
  if (!hasPassword) {
    return act(() => ask({
      title: text('setPassword'), username, names, fields: [newPassword], submit: text('setPassword'),
      work: (values) => withProof(() => client.setPassword(values.newPassword).then(() => true)),
    }), 'passwordWasSet');
  }

  const { secondFactors } = await ofUser(client.reauthenticationOptions());
  return act(() => ask({
    title: text('changePassword'), lead: text('newPasswordHint'), username, names,
    fields: [
      { name: 'currentPassword', label: text('currentPassword'), type: 'password', autocomplete: 'current-password' },
      newPassword,
      ...(secondFactors.length ? [{
        name: 'code', label: text('code'), autocomplete: 'one-time-code', hint: text('error.second_factor_required'),
      }] : []),
    ],
    submit: text('changePassword'),
    work: ({ code, currentPassword, newPassword }) => withProof(() => client.changePassword({
      currentPassword, newPassword, ...(code && { code: code.trim() }),
    })),
    wordsOf: (error) => error.code === 'invalid_credentials' ? text('error.wrong_password') : undefined,
  }), 'passwordChanged');
}

function passwordCard({ hasPassword }) {
  return card(row(text('password'), element('p', { textContent: text(hasPassword ? 'passwordSet' : 'passwordNone') }),
    smallButton(hasPassword ? 'changePassword' : 'setPassword', changePassword)));
}

function passkeyCard({ passkeys }) {
  const add = smallButton('addPasskey', () => act(async () => {
    const { recoveryCodes } = await withProof(() => client.registerPasskey());
    const session = await ofUser(client.session());
    recoveryCodes.length && await showCodes(recoveryCodes, session.user.username);
    return true;
  }, 'passkeyAdded'));
  return card(
    row(text('passkeys'), element('p', { textContent: text('passkeysLead') }), ...(hasPasskeys ? [add] : [])),
    passkeys.length > 0 && element('ul', { className: 'rows' }, ...passkeys.map((passkey) => {
      const { id, name } = passkey;
      return item('key', name, factsOf(passkey), passkey.synced ? [badge(text('synced'))] : [],
        smallButton('rename', () => act(() => ask({
          title: text('renamePasskey'), fields: [{ name: 'name', label: text('name'), value: name, maxLength: 64 }],
          work: (values) => client.renamePasskey(id, values.name),
        }), 'saved'), 'quiet', text('renameOf', { name })),
        smallButton('remove', () => act(() => ask({
          title: text('removePasskey', { name }), lead: alsoElsewhere('removeHint'), submit: text('remove'),
          isDangerous: true,
          work: () => withProof(() => client.removePasskey(id)),
        }), 'passkeyRemoved'), 'danger', text('removeOf', { name })));
    })));
}

function factorCard({ required, totp, passkeys, recoveryCodesLeft }, { username }) {
  const hasFactor = totp || passkeys.length > 0;
  const toggle = required
    ? smallButton('switchOff', () => act(() => ask({
      title: text('switchOffTitle'), lead: text('switchOffHint'), submit: text('switchOff'), isDangerous: true,
      work: () => withProof(() => client.requireSecondFactor(false)),
    }), 'switchedOff'))
    : smallButton('switchOn', () => act(() => withProof(() => client.requireSecondFactor(true)), 'switchedOn'));
  const setUp = smallButton('setUp', () => act(async () => {
    await setUpApp(() => withProof(() => client.beginTotp()), (code) => withProof(() => client.confirmTotp(code)));
    return true;
  }, 'authenticatorAdded'), 'primary');
  const remove = smallButton('remove', () => act(() => ask({
    title: text('removeAuthenticator'), lead: alsoElsewhere('removeAuthenticatorHint'), submit: text('remove'), isDangerous: true,
    work: () => withProof(() => client.removeTotp()),
  }), 'authenticatorRemoved'), 'danger', text('removeOf', { name: text('authenticator') }));
  const renew = smallButton('newCodes', () => act(async () => {
    const codes = await ask({
      title: text('newCodesTitle'), lead: alsoElsewhere('newCodesHint'), submit: text('newCodes'), isDangerous: true,
      work: () => withProof(() => client.replaceRecoveryCodes()),
    });
    codes && await showCodes(codes, username);
    return codes;
  }, 'newCodesMade'));
  return card(
    row([text('twoSteps'), badge(text(required ? 'twoStepsOn' : 'twoStepsOff'), required ? 'good' : '')],
      element('p', { textContent: text('twoStepsLead') }), ...(hasFactor ? [toggle] : [])),
    row([text('authenticator'), ...(totp ? [badge(text('twoStepsOn'), 'good')] : [])],
      element('p', { textContent: text('authenticatorLead') }), totp ? remove : setUp),
    hasFactor && row([text('recoveryCodes'), ...(recoveryCodesLeft < 3 ? [badge(String(recoveryCodesLeft), 'warn')] : [])],
      element('p', { textContent: text('recoveryCodesLeft', { count: recoveryCodesLeft }) }), renew));
}

function externalCards(externalLogins) {
  const open = providers.filter((provider) => !externalLogins.some((login) => login.provider === provider.id));
  if (open.length + externalLogins.length === 0) {
    return [];
  }

  return [card(
    row(text('externalLogins'), element('p', { textContent: text('externalLead') }),
      ...open.map(({ id, name }) => button(text('linkWith', { provider: name }), 'quiet small',
        () => act(() => withProof(() => link(id)))))),
    externalLogins.length > 0 && element('ul', { className: 'rows' }, ...externalLogins.map((login) => {
      const provider = nameOf(login.provider);
      return item('user', provider, login.name ?? '', [], smallButton('unlink', () => act(() => ask({
        title: text('unlinkTitle', { provider }), lead: alsoElsewhere('removeHint'), submit: text('unlink'), isDangerous: true,
        work: () => withProof(() => call('DELETE', `external-logins/${login.id}`).then(() => true)),
      }), 'unlinked', { provider }), 'danger', text('unlinkOf', { provider })));
    })))];
}

/** Runs an act, and shows the ways again with what it has done. All but a new name log out the other devices. */
async function act(work, message, values) {
  try {
    if (!await ofUser(work())) {
      return;
    }

    say(message ? (message === 'saved' ? text : doneElsewhere)(message, values) : '', 'good');
  } catch (error) {
    if (error instanceof Cancelled) {
      return;
    }

    sayProblem(error);
  }

  await showSecurity();
}

function factsOf({ createdAt, lastUsedAt }) {
  const created = day(createdAt);
  return lastUsedAt ? text('passkeyFacts', { created, used: ago(lastUsedAt) }) : text('passkeyUnused', { created });
}

function item(symbol, name, facts, badges, ...actions) {
  return element('li', { className: 'with-icon' },
    icon(symbol),
    element('div', {}, element('p', { className: 'name' }, name, ...badges), facts ? element('p', { textContent: facts }) : null),
    element('div', { className: 'actions' }, ...actions));
}

function card(...parts) {
  return element('div', { className: 'card' }, ...parts.filter(Boolean));
}
