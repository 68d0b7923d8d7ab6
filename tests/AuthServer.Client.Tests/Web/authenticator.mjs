// A browser that answers each question about passkeys at once.

import { afterEach, beforeEach } from 'node:test';
import { json } from './stub.mjs';

const own = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
export let asked;

/** The options of the server for a passkey. */
export const challenge = () => json(200, { state: 's', options: { challenge: 'c' } });

/** The answer to them, as a request has it. */
export const answer = { state: 's', credential: { id: 'i' } };

/** Begins with such a browser in each test of a file. */
export function useAuthenticator() {
  beforeEach(() => {
    asked = [];
    const parsed = (options) => ({ parsed: options });
    globalThis.PublicKeyCredential = { parseCreationOptionsFromJSON: parsed, parseRequestOptionsFromJSON: parsed };
    const give = async (question) => {
      asked.push(question);
      question.signal?.throwIfAborted();
      return { toJSON: () => ({ id: 'i' }) };
    };
    Object.defineProperty(globalThis, 'navigator', { value: { credentials: { create: give, get: give } }, configurable: true });
  });

  afterEach(() => {
    delete globalThis.PublicKeyCredential;
    delete globalThis.navigator;
    own && Object.defineProperty(globalThis, 'navigator', own);
  });
}

/** Lets the browser wait for the user, until the signal of a question ends it. */
export function letUserWait() {
  navigator.credentials.get = (question) => new Promise((_, reject) => {
    asked.push(question);
    question.signal.addEventListener('abort', () => reject(question.signal.reason));
  });
}
