// Plays a case of the table: a server that answers by the script, and calls that begin at its moments.

import { createAuthClient } from '../../../src/AuthServer.Client.Web/authserver-client.js';
import { FakeClock } from './fake-clock.mjs';
import { areaOf, json, page, pair, problem, tokenOf } from './stub.mjs';

const server = 'https://auth.example.com';
const lifetime = 20_000;
const tokens = new Map(Array.from({ length: 100 }, (_, n) => [[tokenOf(n), `a${n}`], [tokenOf(n, 'eve'), `a${n}`]]).flat());

/** Runs a case; returns what has happened, in the words of the table. */
export async function play(script) {
  const clock = new FakeClock(Date.UTC(2026, 0, 1) - lifetime);
  try {
    return await new Run(script, clock).play();
  } finally {
    clock.remove();
  }
}

class Run {
  #script; #clock;
  #area = areaOf();
  #attempts = [];
  #results = [];
  #ends = [];
  #carried = [];
  #isOn = false;

  constructor(script, clock) {
    this.#script = script;
    this.#clock = clock;
  }

  async play() {
    const client = createAuthClient({ server, storage: this.#area, fetch: (request) => this.#answer(request) });
    client.onChange((_, { code, reason }) => code && this.#ends.push(reason ? { code, reason } : { code }));
    await client.login({ username: 'ada', password: 'secret' });
    this.#clock.now = lifetime;
    this.#isOn = true;
    const { calls } = this.#script;
    const giveUps = calls.map(() => new AbortController());
    for (const moment of new Set(calls.map((call) => call.at))) {
      // Calls of one moment begin at once: nothing happens between them.
      this.#at(moment, () => calls.forEach(({ at }, i) => at === moment && this.#call(client, i, giveUps[i].signal)));
    }

    for (const [i, { until }] of calls.entries()) {
      until !== undefined && this.#at(until, () => giveUps[i].abort(new Error('gave up')));
    }

    for (const { at, do: act } of this.#script.events ?? []) {
      this.#at(at, () => (act === 'logout' ? client.logout() : client.login({ username: 'bob', password: 'secret' })));
    }

    await this.#clock.run();
    const [stored] = this.#area.kept.values();
    return {
      attempts: this.#attempts.map((attempt) => attempt.at),
      presents: this.#attempts.map((attempt) => attempt.presented),
      calls: this.#results,
      ends: this.#ends,
      stored: stored && JSON.parse(stored).refreshToken,
    };
  }

  get #now() { return (this.#clock.now - lifetime) / 1000; }

  #at(seconds, work) {
    setTimeout(work, seconds * 1000);
  }

  async #call(client, i, signal) {
    const outcome = await this.#outcomeOf(client, i, signal);
    this.#results[i] = { ends: this.#now, with: outcome };
  }

  async #outcomeOf(client, i, signal) {
    const account = { username: 'bob', password: 'secret' };
    try {
      switch (this.#script.request ?? 'refresh') {
        case 'refresh':
          await client.fetch(`${server}/me?call=${i}`, { signal });
          return this.#carried[i];
        case 'logout':
          await client.logout();
          return 'done';
        case 'password':
          await client.changePassword({ currentPassword: 'secret', newPassword: 'another' });
          return 'done';
        default:
          await client[this.#script.request](account);
          return 'done';
      }
    } catch (error) {
      return error === signal.reason ? error.message : error.code && error.name === 'AuthError' ? error.code : 'no answer';
    }
  }

  async #answer(request) {
    const { pathname, searchParams } = new URL(request.url);
    const path = pathname.slice(1);
    if (this.#isOn && path === (this.#script.request ?? 'refresh')) {
      return this.#answerAttempt(request);
    }

    switch (path) {
      case 'login': return this.#isOn ? pair(50, 's2') : pair(0);
      case 'refresh': return pair(1);
      case 'logout': return new Response(null, { status: 204 });
    }

    const token = request.headers.get('Authorization')?.replace('Bearer ', '');
    this.#carried[searchParams.get('call')] = token ? tokens.get(token) : 'no token';
    return json(200, {});
  }

  async #answerAttempt(request) {
    const at = this.#now;
    const presented = JSON.parse(await request.clone().text()).refreshToken;
    if (this.#attempts.some((earlier) => earlier.isOpen)) {
      throw new Error('The connection of an earlier attempt is still open.');
    }

    const attempt = { at, presented, isOpen: true };
    const number = this.#attempts.push(attempt);
    const answer = this.#script.answers[Math.min(number, this.#script.answers.length) - 1];
    try {
      await wait(answer, request.signal, attempt);
    } finally {
      attempt.isOpen = false;
    }

    return responseOf(answer, number, presented);
  }
}

function wait({ after = 0, silent, deaf }, signal, attempt) {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => {
      attempt.isOpen = false;
      deaf || reject(signal.reason);
    });
    if (!silent) {
      after > 0 ? setTimeout(resolve, after * 1000) : resolve();
    }
  });
}

function responseOf({ lost, page: isPage, status, code, reason, outcome, headers }, number, presented) {
  if (lost) {
    throw new TypeError('fetch failed');
  }

  return isPage ? page(status, headers)
    : code ? problem(status, code, { ...(reason && { reason }), ...(outcome && { outcome }) }, headers)
      : status === 204 ? new Response(null, { status, headers })
        : pair(number, presented === 'r50' ? 's2' : 's1');
}
