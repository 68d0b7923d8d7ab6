// Time for the client alone: it stands still until a test moves it.

const platform = {
  performance: globalThis.performance,
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  now: Date.now,
  timeout: AbortSignal.timeout,
};

/** Lets everything happen that can happen without a timer. */
export async function settled() {
  for (let i = 0; i < 25; i++) {
    await new Promise(setImmediate);
  }
}

/** In place of the platform's timers, `performance.now()`, `Date.now()` and `AbortSignal.timeout()`, until it is removed. */
export class FakeClock {
  /** Milliseconds of `performance.now()`. */
  now = 0;

  /** Factor by which timers fire later than asked for, as in a tab in the background. */
  stretch = 1;

  /** Milliseconds that the time of day is ahead of `now`: a suspend, or a clock that was set. */
  ahead = 0;

  #timers = new Set();

  /** @param {number} [timeOfDay] The time of day at 0, in milliseconds. */
  constructor(timeOfDay = Date.UTC(2026, 0, 1)) {
    globalThis.performance = { now: () => this.now, timeOrigin: timeOfDay };
    globalThis.setTimeout = (work, milliseconds = 0) => this.#add(work, milliseconds);
    globalThis.clearTimeout = (timer) => { this.#timers.delete(timer) || platform.clearTimeout.call(globalThis, timer); };
    Date.now = () => timeOfDay + this.now + this.ahead;
    AbortSignal.timeout = (milliseconds) => {
      const controller = new AbortController();
      this.#add(() => controller.abort(new DOMException('The attempt took too long.', 'TimeoutError')), milliseconds);
      return controller.signal;
    };
  }

  /** Brings the platform's time back. */
  remove() {
    globalThis.performance = platform.performance;
    globalThis.setTimeout = platform.setTimeout;
    globalThis.clearTimeout = platform.clearTimeout;
    Date.now = platform.now;
    AbortSignal.timeout = platform.timeout;
  }

  /** Fires one timer after the other, until a promise is settled; returns its result. */
  async until(promise) {
    let isSettled = false;
    const settle = () => { isSettled = true; };
    promise.then(settle, settle);
    for (await settled(); !isSettled; await settled()) {
      if (!this.#fireNext()) {
        throw new Error('The work waits, but not for a timer.');
      }
    }

    return promise;
  }

  /** Number of timers that have not fired. */
  get timers() { return this.#timers.size; }

  /** Fires one timer after the other, until none is left. */
  async run() {
    for (await settled(); this.#fireNext(); await settled());
  }

  #add(work, milliseconds) {
    const timer = { work, dueAt: this.now + milliseconds, lateBy: milliseconds * (this.stretch - 1) };
    this.#timers.add(timer);
    return timer;
  }

  #fireNext() {
    const [next] = [...this.#timers].sort((one, other) => one.dueAt - other.dueAt);
    if (next) {
      this.#timers.delete(next);
      this.now = Math.max(this.now, next.dueAt + next.lateBy);
      next.work();
    }

    return next !== undefined;
  }
}
