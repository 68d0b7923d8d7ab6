/** Runs work with the values of a form, one submit at a time, and shows the problem if it fails. */
export function onSubmit(id, work, messageOf) {
  const form = document.getElementById(id);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = form.querySelector('[type=submit]');
    button.disabled = true;
    showProblem(form, '');
    try {
      await work(Object.fromEntries(new FormData(form)), form);
    } catch (error) {
      form.querySelector(`[data-when="${error.code}"]`)?.removeAttribute('hidden');
      showProblem(form, messageOf(error), Object.keys(error.errors ?? {}));
    } finally {
      button.disabled = false;
    }
  });
}

/** Shows the problem of a form, marks its fields and focuses the first of them. */
export function showProblem(form, message, fields = []) {
  form.querySelector('.problem').textContent = message;
  for (const input of form.elements) {
    fields.includes(input.name) ? input.setAttribute('aria-invalid', 'true') : input.removeAttribute('aria-invalid');
  }

  form.querySelector('[aria-invalid]')?.focus();
}

/** Empties all forms, so that the next user sees no input of the last one. */
export function resetForms() {
  for (const form of document.querySelectorAll('main form')) {
    form.reset();
    form.querySelectorAll('[data-when]').forEach((field) => field.setAttribute('hidden', ''));
    showProblem(form, '');
  }
}
