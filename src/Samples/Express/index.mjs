// A server-rendered application. Its pages know their users by the session cookie of the auth server, and get no token.
//
//     dotnet run --project src/AuthServer -- --Proxies:Known:0=127.0.0.1 --Proxies:Known:1=::1
//     npm ci --prefix src/Samples/Express
//     node src/Samples/Express/index.mjs
//
// Then open http://localhost:5071. Settings are environment variables: AUTHSERVER is the address of the auth server, and PORT
// that of the application. PROXIES has the addresses of the application's own proxies, separated by commas.
import express from 'express';
import { ask, hasSessionCookie } from './authserver.mjs';
import { devicesPage, errorPage, homePage, loginPage } from './views.mjs';

const port = Number(process.env.PORT ?? 5071);
const app = express();
app.disable('x-powered-by');
app.set('trust proxy', process.env.PROXIES || false); // without a known proxy, X-Forwarded-For counts for nothing

app.use((req, res, next) => {
  // A page is of one user, so no cache may keep it. No page of another site may frame it.
  res.set({
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
  });
  if (['GET', 'HEAD'].includes(req.method) || isFromOwnPage(req)) {
    next();
  } else {
    res.status(403).send(errorPage('A page of another site has sent this form.'));
  }
});
app.use(express.urlencoded({ extended: false }));

app.get('/login', (req, res) => {
  res.send(loginPage());
});

app.post('/login', async (req, res) => {
  const { username, password } = req.body ?? {};
  const { status } = await ask(req, res, 'POST', '/login?transport=session', { username, password });
  if (status === 200) {
    res.redirect(303, isLocal(req.query.returnTo) ? req.query.returnTo : '/');
  } else {
    res.send(loginPage('User name or password is wrong.'));
  }
});

// Everything below is for users who are logged in.
app.use(async (req, res, next) => {
  const { status, body } = hasSessionCookie(req) ? await ask(req, res, 'GET', '/me') : { status: 401 };
  if (status === 200) {
    res.locals.user = body;
    next();
  } else {
    const query = req.method === 'GET' ? `?returnTo=${encodeURIComponent(req.originalUrl)}` : '';
    res.redirect(303, `/login${query}`);
  }
});

app.get('/', (req, res) => {
  res.send(homePage(res.locals.user));
});

app.post('/logout', async (req, res) => {
  await ask(req, res, 'POST', '/logout');
  res.redirect(303, '/login');
});

app.get('/devices', async (req, res) => {
  const { status, body } = await ask(req, res, 'GET', '/sessions');
  if (status === 200) {
    res.send(devicesPage(body.sessions));
  } else {
    res.redirect(303, '/login');
  }
});

app.post('/devices', async (req, res) => {
  const { id } = req.body ?? {};
  if (/^[0-9a-f-]{36}$/.test(id)) {
    await ask(req, res, 'DELETE', `/sessions/${id}`); // a 404 says that it has ended in the meantime
  }

  res.redirect(303, '/devices');
});

app.use((req, res) => {
  res.status(404).send(errorPage('There is no such page.'));
});

// Express takes a function of four parameters for the one that handles errors.
app.use((error, req, res, next) => {
  if (res.headersSent) {
    next(error);
    return;
  }

  const status = error.status ?? 500;
  if (status >= 500) {
    console.error(error);
  }

  const later = error.retryAfter ? `in ${error.retryAfter} s` : 'later';
  const sentence = {
    429: `Too many attempts. Try again ${later}.`,
    503: `The login service is not available. Try again ${later}.`,
  }[status] ?? 'Something went wrong.';
  res.status(status).set(error.retryAfter ? { 'Retry-After': error.retryAfter } : {}).send(errorPage(sentence));
});

app.listen(port, 'localhost', (error) => {
  if (error) {
    throw error;
  }

  console.log(`Listening on http://localhost:${port}`);
});

/** True if a page of this application has sent a request, according to the browser. */
function isFromOwnPage(req) {
  const site = req.get('Sec-Fetch-Site');
  return site ? site === 'same-origin' : req.get('Origin') === `${req.protocol}://${req.get('Host')}`;
}

/** True if a value is a path of this application. Browsers take a backslash for a slash, and drop tabs. */
function isLocal(path) {
  return typeof path === 'string' && /^\/(?![/\\])[!-~]*$/.test(path);
}
