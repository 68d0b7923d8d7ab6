// Requests to the auth server on behalf of a browser: with its cookies, its address and its user agent.
const server = new URL(process.env.AUTHSERVER ?? 'http://localhost:5080');

// The server needs no other cookie of the application.
const cookiesOf = (req) => (req.get('Cookie') ?? '').split('; ')
  .filter((cookie) => /^(__Host-session|__Secure-session|__Host-device)=/.test(cookie));

/** A refusal of the server for now, or a server that can't be reached. */
class Unavailable extends Error {
  constructor(status, retryAfter, cause) {
    super('The auth server is not available.', { cause });
    Object.assign(this, { status, retryAfter });
  }
}

/** True if the browser has a session cookie. Its session may have ended. */
export const hasSessionCookie = (req) => cookiesOf(req).some((cookie) => cookie.includes('-session='));

/**
 * Sends a request, and returns status and body of its answer. Cookies that the server sets go back to the browser.
 * Throws an error with a `status` if the server refuses for now, or can't be reached.
 */
export async function ask(req, res, method, path, json) {
  let answer, text;
  try {
    answer = await fetch(new URL(path, server), {
      method,
      headers: {
        Cookie: cookiesOf(req).join('; '),
        'User-Agent': req.get('User-Agent') ?? '',
        'X-Forwarded-For': req.ip,
        // The server takes cookies from trusted pages alone. This application vouches for its own, whose origin it has checked.
        Origin: server.origin,
        ...(json && { 'Content-Type': 'application/json' }),
      },
      body: json && JSON.stringify(json),
      redirect: 'manual',
      signal: AbortSignal.timeout(15_000),
    });
    text = await answer.text();
  } catch (cause) {
    throw new Unavailable(503, undefined, cause);
  }

  for (const cookie of answer.headers.getSetCookie()) {
    res.append('Set-Cookie', cookie);
  }

  if (!answer.ok && ![400, 401, 404].includes(answer.status)) {
    const cause = `The auth server answered ${answer.status}.`;
    throw new Unavailable(answer.status === 429 ? 429 : 503, answer.headers.get('Retry-After'), cause);
  }

  return { status: answer.status, body: text && JSON.parse(text) };
}
