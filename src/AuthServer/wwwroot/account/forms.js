/** Sends a form's values to work, once at a time, and says what went wrong. */
export function onSubmit(id, work, messageOf) {
  const form = document.getElementById(id);
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

/** Says what is wrong with a form, and goes to the first field that is. */
export function complain(form, message, fields = []) {
  form.querySelector('.problem').textContent = message;
  for (const input of form.elements) {
    fields.includes(input.name) ? input.setAttribute('aria-invalid', 'true') : input.removeAttribute('aria-invalid');
  }

  form.querySelector('[aria-invalid]')?.focus();
}

/** Empties all forms: the next user has no business with what the last one wrote. */
export function resetForms() {
  for (const form of document.querySelectorAll('main form')) {
    form.reset();
    complain(form, '');
  }
}
