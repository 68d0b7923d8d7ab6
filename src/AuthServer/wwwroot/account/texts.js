/** Every text of the page, in the languages it speaks. `{name}` is filled in. */
const texts = {
  en: {
    connecting: 'Connecting…',
    notConnected: 'Not connected',
    retry: 'Try again',
    docs: 'API reference',
    login: 'Log in',
    logout: 'Log out',
    register: 'Create an account',
    welcomeTitle: 'Your account, on every device',
    welcomeLead: 'Log in once. See where you are logged in, and end what you do not recognise.',
    isNew: 'New here?',
    isKnown: 'Have an account?',
    username: 'User name',
    displayName: 'Name to show',
    optional: '(optional)',
    password: 'Password',
    passwordHint: 'Long, and not easy to guess. Several words are a good one.',
    hello: 'Hello, {name}',
    accessToken: 'Access token',
    secondsLeft: 'seconds left',
    expired: 'expired; the next call renews it',
    renewals: 'Renewals since this page was opened: {count}',
    privateRoute: 'Private route',
    privateRouteHint: 'Each call sends the access token. When it is about to expire, it is renewed first.',
    waiting: 'waiting for the server…',
    call: 'Call GET /me',
    keepCalling: 'Every second',
    callRenewed: 'token renewed',
    callSame: 'same token',
    header: 'Header',
    claims: 'Claims',
    devices: 'Your devices',
    thisDevice: 'This device',
    endedDevices: 'Ended in the last 30 days',
    noneEnded: 'None.',
    unknownBrowser: 'Unknown program',
    browserOn: '{browser} on {system}',
    unknownAddress: 'unknown address',
    lastUsed: 'last used {when}',
    endedAt: 'ended {when}: {why}',
    endDevice: 'Log out',
    endDeviceOf: 'Log out {device}',
    deviceEnded: 'The device is logged out.',
    logoutAll: 'Log out everywhere',
    logoutAllQuestion: 'Every device is logged out at once, this one too.',
    cancel: 'Cancel',
    registered: 'The account is there. Log in with it.',
    changePassword: 'Change the password',
    currentPassword: 'Current password',
    newPassword: 'New password',
    newPasswordHint: 'All your other devices are logged out.',
    passwordChanged: 'The password is changed, and all other devices are logged out.',
    loggedOut: 'You are logged out.',
    loggedOutUntold: 'You are logged out here, but the server could not be reached. Log in and end this session once it can.',
    signedOut: 'You are no longer logged in: {why}.',
    unknownReason: 'the session has ended',
    reason: {
      logout: 'the session was logged out',
      logout_all: 'all devices were logged out',
      revoked: 'this device was logged out from another one',
      displaced: 'a login on another device took its place',
      password_changed: 'the password was changed on another device',
      disabled: 'the account is disabled',
      reused: 'an old token of this session came back, which may be theft',
      expired: 'the session has expired',
      refresh_token_expired: 'the session has expired',
      refresh_token_reused: 'an old token of this session came back, which may be theft',
      refresh_token_invalid: 'the server does not know this session',
      refresh_token_missing: 'the browser no longer has its cookie',
    },
    error: {
      invalid_credentials: 'User name or password is wrong.',
      wrong_password: 'The current password is wrong.',
      username_taken: 'This user name is taken.',
      registration_closed: 'New accounts are not open to everybody here.',
      too_many_sessions: 'The account is in use on as many devices as it may be. Log out on one of them first.',
      too_many_requests: 'Too many attempts. Wait a moment, then try again.',
      unavailable: 'The server is busy. Nothing was changed; try again in a moment.',
      network: 'The server can not be reached. Check the connection, then try again.',
      unexpected_answer: 'Something else than the server answered. Check the connection, then try again.',
      other: 'That did not work ({code}).',
    },
  },
  ko: {
    connecting: '연결하는 중…',
    notConnected: '연결되지 않음',
    retry: '다시 시도',
    docs: 'API 문서',
    login: '로그인',
    logout: '로그아웃',
    register: '계정 만들기',
    welcomeTitle: '모든 기기에서 하나의 계정으로',
    welcomeLead: '한 번만 로그인하세요. 로그인된 기기를 확인하고, 모르는 기기는 바로 로그아웃할 수 있습니다.',
    isNew: '처음이신가요?',
    isKnown: '계정이 있으신가요?',
    username: '사용자 이름',
    displayName: '표시할 이름',
    optional: '(선택)',
    password: '비밀번호',
    passwordHint: '길고 쉽게 추측할 수 없어야 합니다. 여러 단어를 이어 쓰면 좋습니다.',
    hello: '{name} 님, 안녕하세요',
    accessToken: '액세스 토큰',
    secondsLeft: '초 남음',
    expired: '만료됨, 다음 호출 때 갱신',
    renewals: '이 페이지를 연 뒤 {count}번 갱신됨',
    privateRoute: '보호된 경로',
    privateRouteHint: '호출할 때마다 액세스 토큰을 보냅니다. 곧 만료될 토큰은 먼저 갱신합니다.',
    waiting: '서버를 기다리는 중…',
    call: 'GET /me 호출',
    keepCalling: '매초 호출',
    callRenewed: '토큰 갱신됨',
    callSame: '같은 토큰',
    header: '헤더',
    claims: '클레임',
    devices: '내 기기',
    thisDevice: '이 기기',
    endedDevices: '최근 30일 동안 종료된 기기',
    noneEnded: '없습니다.',
    unknownBrowser: '알 수 없는 프로그램',
    browserOn: '{system}의 {browser}',
    unknownAddress: '알 수 없는 주소',
    lastUsed: '마지막 사용 {when}',
    endedAt: '{when} 종료: {why}',
    endDevice: '로그아웃',
    endDeviceOf: '{device} 로그아웃',
    deviceEnded: '기기를 로그아웃했습니다.',
    logoutAll: '모든 기기에서 로그아웃',
    logoutAllQuestion: '이 기기를 포함한 모든 기기가 바로 로그아웃됩니다.',
    cancel: '취소',
    registered: '계정을 만들었습니다. 로그인하세요.',
    changePassword: '비밀번호 변경',
    currentPassword: '현재 비밀번호',
    newPassword: '새 비밀번호',
    newPasswordHint: '다른 모든 기기는 로그아웃됩니다.',
    passwordChanged: '비밀번호를 변경했고, 다른 모든 기기를 로그아웃했습니다.',
    loggedOut: '로그아웃했습니다.',
    loggedOutUntold: '이 기기에서는 로그아웃했지만 서버에 연결하지 못했습니다. 연결되면 로그인해서 이 세션을 종료하세요.',
    signedOut: '로그아웃되었습니다. {why}.',
    unknownReason: '세션이 종료되었습니다',
    reason: {
      logout: '세션이 로그아웃되었습니다',
      logout_all: '모든 기기가 로그아웃되었습니다',
      revoked: '다른 기기에서 이 기기를 로그아웃했습니다',
      displaced: '다른 기기에서 로그인하여 이 세션이 종료되었습니다',
      password_changed: '다른 기기에서 비밀번호를 변경했습니다',
      disabled: '계정이 사용 중지되었습니다',
      reused: '이 세션의 이전 토큰이 다시 사용되었습니다. 도난일 수 있습니다',
      expired: '세션이 만료되었습니다',
      refresh_token_expired: '세션이 만료되었습니다',
      refresh_token_reused: '이 세션의 이전 토큰이 다시 사용되었습니다. 도난일 수 있습니다',
      refresh_token_invalid: '서버가 이 세션을 알지 못합니다',
      refresh_token_missing: '브라우저에 쿠키가 없습니다',
    },
    error: {
      invalid_credentials: '사용자 이름이나 비밀번호가 올바르지 않습니다.',
      wrong_password: '현재 비밀번호가 올바르지 않습니다.',
      username_taken: '이미 사용 중인 사용자 이름입니다.',
      registration_closed: '지금은 새 계정을 만들 수 없습니다.',
      too_many_sessions: '사용할 수 있는 기기 수를 모두 쓰고 있습니다. 먼저 다른 기기에서 로그아웃하세요.',
      too_many_requests: '시도가 너무 많습니다. 잠시 후 다시 시도하세요.',
      unavailable: '서버가 바쁩니다. 변경된 것은 없습니다. 잠시 후 다시 시도하세요.',
      network: '서버에 연결할 수 없습니다. 연결을 확인하고 다시 시도하세요.',
      unexpected_answer: '서버가 아닌 곳에서 응답했습니다. 연결을 확인하고 다시 시도하세요.',
      other: '처리하지 못했습니다 ({code}).',
    },
    // The server's messages are English; here the rule stands in their place.
    field: {
      username: '1자에서 64자이며 콜론과 앞뒤 공백은 쓸 수 없습니다. @가 있으면 올바른 이메일 주소여야 합니다.',
      displayName: '64자까지 쓸 수 있습니다.',
      password: '너무 짧거나, 너무 길거나(256자까지), 추측하기 쉽습니다.',
      newPassword: '너무 짧거나, 너무 길거나(256자까지), 추측하기 쉽습니다.',
      currentPassword: '올바르지 않습니다.',
    },
  },
};

/** The language of the page: the first of the browser's that it speaks. */
export const language = navigator.languages.map((tag) => tag.split('-')[0]).find((tag) => tag in texts) ?? 'en';

const spoken = texts[language];

/** The text of a key such as `login` or `error.network`; undefined where there is none. */
export function find(key) {
  return key.split('.').reduce((texts, step) => texts?.[step], spoken);
}

/** The text of a key, with its `{names}` filled in. */
export function text(key, values = {}) {
  return find(key).replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Why a session ended, by the reason or the code that the server gave. */
export function why(reason) {
  return find(`reason.${reason}`) ?? text('unknownReason');
}

/** How long ago a moment was, in words. */
export function ago(moment) {
  const seconds = Math.round((Date.parse(moment) - Date.now()) / 1000);
  const [unit, size] = [['day', 86400], ['hour', 3600], ['minute', 60]].find(([, size]) => -seconds >= size) ?? ['second', 1];
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(Math.min(0, Math.round(seconds / size)), unit);
}

/** Puts the texts in their places. */
export function translate(root) {
  document.documentElement.lang = language;
  for (const element of root.querySelectorAll('[data-text]')) {
    element.textContent = text(element.dataset.text);
  }
}
