import { AuthError } from '../authserver-client.js';
import { find, text } from './texts.js';

/** The sentence about the failure of a request. */
export function messageOf(error) {
  if (!(error instanceof AuthError)) {
    return text('error.network');
  }

  const fields = Object.entries(error.errors ?? {}).map(([field, messages]) => {
    const label = find(field) ?? field;
    return `${label}: ${find(`field.${field}`) ?? messages.join(' ')}`;
  });
  return fields.join(' ') || find(`error.${error.code}`) || text('error.other', { code: error.code });
}

/** Reads the body of an answer; null if there is none. */
export async function readJson(response) {
  if (!response.ok) {
    throw new AuthError(response.status, await response.json().catch(() => ({})));
  }

  return response.status === 200 ? response.json() : null;
}
