// The synchronous snapshot of the session, which frameworks render.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delivered, login, me, openFrontEnd, openTab, stub, time, withGlobals } from './browser.mjs';
import { areaOf, pair, problem } from './stub.mjs';

/** A tab whose snapshots are recorded, as a listener reads them. */
function watchedTab(storage) {
  const tab = openTab(storage);
  const seen = [];
  const stop = tab.subscribe(() => seen.push(tab.getSnapshot()));
  return Object.assign(tab, { seen, stop });
}

const statuses = (tab) => tab.seen.map(({ status }) => status);

test('Snapshot with cookie is loading until server has answered', async () => {
  const tab = watchedTab();
  assert.deepEqual(tab.getSnapshot(), { status: 'loading', session: null });
  assert.equal(await tab.session(), null);
  assert.deepEqual(tab.getSnapshot(), { status: 'anonymous', session: null, end: undefined });
  assert.deepEqual(statuses(tab), ['anonymous']);
});

test('Snapshot without session in memory is anonymous at once', () => {
  assert.equal(openTab('memory').getSnapshot().status, 'anonymous');
  assert.equal(openTab('localStorage').getSnapshot().status, 'anonymous');
});

test('Snapshot of reloaded page has session of its cookie', async () => {
  await login(openTab());
  const tab = watchedTab();
  assert.equal(tab.getSnapshot().status, 'loading');
  await tab.session();
  assert.equal(tab.getSnapshot().session.user.username, 'ada');
  assert.deepEqual(statuses(tab), ['authenticated']);
});

test('Snapshot is same object until something changes', async () => {
  const tab = watchedTab();
  assert.equal(tab.getSnapshot(), tab.getSnapshot());
  await login(tab);
  const first = tab.getSnapshot();
  await tab.fetch(me);
  assert.equal(tab.getSnapshot(), first);
  time.now = 20_000;
  await tab.fetch(me);
  const second = tab.getSnapshot();
  assert.notEqual(second.session.accessToken, first.session.accessToken);
  assert.equal(second.session.user, first.session.user);
  assert.deepEqual(tab.seen, [first, second]);
});

test('Snapshot of another user has user of its own', async () => {
  const tab = watchedTab();
  await login(tab);
  stub.onLogin = () => pair(7, 's2');
  await login(tab, 'eve');
  assert.deepEqual(tab.seen.map(({ session }) => session.user.username), ['ada', 'eve']);
});

test('Snapshot has end of session until next login', async () => {
  const tab = watchedTab();
  await login(tab);
  stub.onCall = () => problem(401, 'access_token_expired');
  stub.onRefresh = () => problem(401, 'session_ended', { reason: 'revoked' });
  await tab.fetch(me);
  const end = { type: 'end', code: 'session_ended', reason: 'revoked' };
  assert.deepEqual(tab.getSnapshot(), { status: 'anonymous', session: null, end });
  await login(tab);
  assert.equal(tab.getSnapshot().end, undefined);
  assert.deepEqual(statuses(tab), ['authenticated', 'anonymous', 'authenticated']);
});

test('Snapshot follows login and logout in another tab', async () => {
  const [one, two] = [watchedTab(), watchedTab()];
  await two.session();
  await login(one);
  await delivered();
  await one.logout();
  await delivered();
  assert.deepEqual(statuses(two), ['anonymous', 'authenticated', 'anonymous']);
  assert.deepEqual(two.getSnapshot().end, { type: 'end' });
});

test('Snapshot follows logout in another tab despite late storage', async () => {
  const one = openTab();
  await login(one);
  const late = areaOf(new Map(localStorage.kept));
  const two = withGlobals({ localStorage: late }, () => watchedTab());
  await two.session();
  await one.logout();
  await delivered();
  assert.equal(late.kept.size, 1);
  assert.deepEqual(statuses(two), ['authenticated', 'anonymous']);
});

test('Snapshot is anonymous after storage was emptied elsewhere', async () => {
  await login(openTab('localStorage'));
  const tab = watchedTab('localStorage');
  assert.equal(tab.getSnapshot().status, 'loading');
  localStorage.kept.clear();
  assert.equal(await tab.session(), null);
  assert.deepEqual(statuses(tab), ['anonymous']);
});

test('Snapshot keeps session while server cannot be reached', async () => {
  const tab = watchedTab();
  await login(tab);
  time.now = 20_000;
  stub.onRefresh = () => problem(503, 'unavailable');
  await assert.rejects(time.until(tab.fetch(me)), { code: 'unavailable' });
  assert.deepEqual(statuses(tab), ['authenticated']);
});

test('Snapshot of page that had no session keeps no end', async () => {
  const tab = openFrontEnd(areaOf());
  await tab.session();
  assert.equal(tab.getSnapshot().end, undefined);
});

test('Listener of snapshot that was removed is not called', async () => {
  const tab = watchedTab();
  tab.stop();
  await login(tab);
  assert.deepEqual(tab.seen, []);
});

test('One listener can be added twice and removed once', async () => {
  const tab = openTab();
  let calls = 0;
  const listener = () => { calls++; };
  const stops = [tab.subscribe(listener), tab.subscribe(listener)];
  stops[0]();
  stops[0]();
  await login(tab);
  assert.equal(calls, 1);
});
