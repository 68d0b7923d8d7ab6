import { client } from './client.js';
import { ask } from './dialogs.js';
import { $, element, row } from './dom.js';
import { download } from './factor.js';
import { FieldError, smallButton } from './forms.js';
import { ofUser, withProof } from './proof.js';
import { text } from './texts.js';

/** Shows what users can do with their own data. */
export async function showData() {
  const save = smallButton('exportButton', exportData);
  const remove = smallButton('deleteButton', deleteAccount, 'danger');
  $('data-cards').replaceChildren(
    element('div', { className: 'card' }, row(text('exportTitle'), element('p', { textContent: text('exportLead') }), save)),
    element('div', { className: 'card is-danger' },
      row(text('deleteTitle'), element('p', { textContent: text('deleteLead') }), remove)));
}

async function exportData() {
  const data = await withProof(() => client.export());
  download(JSON.stringify(data, null, 2), 'application/json', `${data.account.username}.json`);
}

async function deleteAccount() {
  const { user: { username } } = await ofUser(client.session());
  const effects = ['sessions', 'data', 'name', 'later'].map(
    (effect) => element('li', { textContent: text(`deleteEffects.${effect}`, { username }) }));
  await ask({
    title: text('deleteQuestion'),
    content: [element('ul', { className: 'effects' }, ...effects)],
    fields: [{
      name: 'confirmation', label: text('typeName', { username }), autocomplete: 'off', autocapitalize: 'none', spellcheck: false,
    }],
    submit: text('deleteButton'),
    isDangerous: true,
    work: ({ confirmation }) => {
      if (confirmation.trim() !== username) {
        throw new FieldError('confirmation', text('typeName', { username }));
      }

      return withProof(() => client.deleteAccount());
    },
  });
}
