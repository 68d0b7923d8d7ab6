import { element } from './dom.js';
import { Cancelled, field, onSubmit, sayProblem } from './forms.js';
import { text } from './texts.js';

const open = new Set();

/**
 * Asks in a dialog. Resolves once the work of its button has succeeded, or with null if the user cancels.
 * @param {object} question
 * @param {string} question.title
 * @param {string} [question.lead] The effects of the act.
 * @param {object[]} [question.fields] Fields of its form.
 * @param {string} [question.username] The account, for password managers.
 * @param {object} [question.names] The names of the user, which a new password must not be built from.
 * @param {Node[]} [question.content] More of it, above the fields.
 * @param {string | null} [question.submit] The text of its button; null for none.
 * @param {boolean} [question.isDangerous] True if the act takes something away.
 * @param {boolean} [question.canCancel] False if its button is the only way out.
 * @param {boolean} [question.isProof] True if its work counts only while it is open: a closed one asks for nothing more.
 * @param {(values: object) => unknown} [question.work]
 * @param {(error: Error) => string | undefined} [question.wordsOf] Another sentence for a failure.
 */
export function ask({
  title, lead, fields = [], username, names, content = [], submit = text('save'), isDangerous, canCancel = true,
  isProof,
  work = () => true,
  wordsOf,
}) {
  const heading = element('h2', { textContent: title, tabIndex: -1 });
  heading.id = `title-${Math.random().toString(36).slice(2)}`;
  const cancel = element('button', { type: 'button', className: 'quiet', textContent: text('cancel') });
  const form = element('form', { className: 'form', method: 'post' },
    heading,
    lead ? element('p', { textContent: lead }) : null,
    username === undefined ? null : element('input', {
      className: 'for-managers', name: 'username', autocomplete: 'username', value: username, tabIndex: -1, readOnly: true,
      'aria-hidden': 'true',
    }),
    ...content,
    ...fields.map(field),
    element('div', { className: 'problem', role: 'alert' }),
    element('div', { className: 'actions no-print' }, canCancel ? cancel : null, submit === null ? null : element('button', {
      type: 'submit', className: isDangerous ? 'primary danger' : 'primary', textContent: submit,
    })));
  form.names = names;
  const dialog = element('dialog', { 'aria-labelledby': heading.id, ...(!canCancel && { closedby: 'none' }) }, form);
  document.body.append(dialog);
  open.add(dialog);
  const asked = new Promise((resolve) => {
    let result = null;
    dialog.finish = (value) => { result = value; dialog.close(); };
    onSubmit(form, async (values) => {
      // What can't be taken back any more goes on without its dialog, and its result counts. A proof alone changes nothing.
      const done = (async () => await work(values) ?? true)();
      result = isProof ? null : done.catch(() => null);
      try {
        dialog.finish(await done);
      } catch (error) {
        result = null;
        dialog.open || sayProblem(error);
        throw error;
      }
    }, wordsOf);
    cancel.addEventListener('click', () => dialog.close());
    if (!canCancel) {
      // Chrome lets no page refuse a second press, unless it sees the key first.
      dialog.addEventListener('keydown', (event) => event.key === 'Escape' && event.preventDefault());
      dialog.addEventListener('cancel', (event) => event.preventDefault());
    }

    dialog.addEventListener('close', () => { dialog.remove(); open.delete(dialog); resolve(result); });
  });
  dialog.showModal();
  (form.querySelector('.field input, .field select') ?? (isDangerous ? cancel : heading)).focus();
  return asked;
}

/** The text of an act that also logs out the user's other devices. */
export function alsoElsewhere(key) {
  return `${text(key)} ${text('newPasswordHint')}`;
}

/** The message of an act that has also logged out the user's other devices. */
export function doneElsewhere(key, values) {
  return `${text(key, values)} ${text('elsewhere')}`;
}

/** Asks as `ask` does. Throws if the user cancels. */
export async function askOrCancel(question) {
  const answer = await ask(question);
  if (answer === null) {
    throw new Cancelled();
  }

  return answer;
}

/** Closes the dialog that an element is in, with a result. */
export function finish(inside, result) {
  inside.closest('dialog').finish(result);
}

/** Closes all dialogs, so that the next user does not answer a question to the last one. */
export function closeDialogs() {
  open.forEach((dialog) => dialog.finish(null));
}
