import { AuthError } from '../authserver-client.js';
import { onSubmit, showProblem } from './forms.js';
import { messageOf } from './problems.js';

const dialog = document.getElementById('factor');
const form = document.getElementById('factor-form');
let step;

/**
 * Asks for the code of a login that needs a second factor. A login by a provider comes back with it after the `#`.
 * @param {(step: object, code: string) => Promise<unknown>} complete Completes the login.
 * @param {() => unknown} goOn Goes on after it.
 * @param {(message: string) => void} say Shows a message.
 */
export function onFactor(complete, goOn, say) {
  onSubmit('factor-form', async ({ code }) => {
    await complete(step, code);
    dialog.close();
    await goOn();
  }, messageOf);
  form.querySelector('[type=button]').addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => form.reset());

  const given = new URLSearchParams(location.hash.slice(1));
  if (given.has('challenge') || given.has('setup')) {
    // Neither the history nor a page that the user goes to next has it.
    history.replaceState(history.state, '', location.pathname + location.search);
    try {
      isComplete({ secondFactor: given.has('challenge') ? 'required' : 'setup', challenge: given.get('challenge') });
    } catch (error) {
      say(messageOf(error));
    }
  }
}

/** Goes on with the result of a login: asks for the code if it is a step. True if the login is complete. */
export function isComplete(result) {
  if (!result?.secondFactor) {
    return true;
  }

  if (result.secondFactor === 'setup') {
    throw new AuthError(403, { code: 'second_factor_setup_required' });
  }

  step = result;
  showProblem(form, '');
  dialog.showModal();
  return false;
}
