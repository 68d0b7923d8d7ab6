// The pages. The tag `html` escapes all values of its templates, except what it has made itself.
class Html {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

const escaped = (value) => {
  if (value instanceof Html) {
    return value;
  }

  return Array.isArray(value)
    ? value.map(escaped).join('')
    : String(value ?? '').replace(/[&<>"']/g, (character) => `&#${character.codePointAt()};`);
};

const html = (parts, ...values) => new Html(String.raw({ raw: parts }, ...values.map(escaped)));

const page = (title, content) => html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<h1>${title}</h1>
${content}
</html>`.toString();

export const homePage = (user) => page(`Hello, ${user.displayName}`, html`
<p><a href="/devices">Your devices</a></p>
<form method="post" action="/logout">
  <button>Log out</button>
</form>`);

export const devicesPage = (devices) => page('Your devices', html`
<ul>${devices.map((device) => html`
  <li>
    ${device.userAgent ?? 'Unknown program'} from ${device.ipAddress}, last used ${device.lastUsedAt}
    ${device.current ? '(this device)' : ''}
    <form method="post">
      <input name="id" value="${device.id}" type="hidden">
      <button>Log this device out</button>
    </form>
  </li>`)}
</ul>
<p><a href="/">Back</a></p>`);

export const loginPage = (message) => page('Log in', html`
<form method="post">
  <p role="alert">${message}</p>
  <p><label>User name <input name="username" autocomplete="username" required></label></p>
  <p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
  <button>Log in</button>
</form>`);

export const errorPage = (sentence) => page('That did not work', html`
<p role="alert">${sentence}</p>
<p><a href="/">Back</a></p>`);
