/** Texts of the page by language. Values replace placeholders such as `{name}`. */
const texts = {
  en: {
    connecting: 'Connecting…',
    notConnected: 'Not connected',
    retry: 'Try again',
    docs: 'API reference',
    notSeen: 'You are logged in here, but the application does not get your login. Ask its operator.',
    login: 'Log in',
    logout: 'Log out',
    register: 'Create an account',
    welcomeTitle: 'Your account, on every device',
    welcomeLead: 'Log in once. See where you are logged in, and log out any device you do not recognise.',
    isNew: 'New here?',
    isKnown: 'Already have an account?',
    username: 'User name',
    displayName: 'Display name',
    optional: '(optional)',
    password: 'Password',
    passwordHint: 'Make it long and hard to guess. A few unrelated words work well.',
    hello: 'Hello, {name}',
    accessToken: 'Access token',
    secondsLeft: 'seconds left',
    expired: 'expired; the next call renews it',
    renewals: 'Renewals since this page was opened: {count}',
    privateRoute: 'Private route',
    privateRouteHint: 'Each call sends the access token. A token that is about to expire is renewed first.',
    waiting: 'waiting for the server…',
    call: 'Call GET /me',
    keepCalling: 'Every second',
    callRenewed: 'token renewed',
    callSame: 'same token',
    header: 'Header',
    claims: 'Claims',
    devices: 'Your devices',
    thisDevice: 'This device',
    endedDevices: 'Sessions ended in the last 30 days',
    noneEnded: 'None.',
    devicesShown: 'Sessions shown: {shown} of {total}',
    showMore: 'Show more',
    unknownBrowser: 'Unknown app',
    browserOn: '{browser} on {system}',
    unknownAddress: 'unknown address',
    lastUsed: 'last used {when}',
    endedAt: 'ended {when}: {why}',
    endDevice: 'Log out',
    endDeviceOf: 'Log out {device}',
    deviceEnded: 'The device is logged out.',
    logoutAll: 'Log out everywhere',
    logoutAllQuestion: 'This logs out every device, including this one.',
    cancel: 'Cancel',
    registered: 'Your account was created, but the login failed.',
    changePassword: 'Change password',
    currentPassword: 'Current password',
    newPassword: 'New password',
    newPasswordHint: 'This logs out all your other devices.',
    passwordChanged: 'Your password was changed, and all your other devices were logged out.',
    loggedOut: 'You are logged out.',
    loggedOutHere: 'You are logged out here, but the server could not be reached. '
      + 'Log in again later and log out the old session in the list of your devices.',
    sessionEnded: 'You are no longer logged in: {why}.',
    unknownReason: 'the session has ended',
    reason: {
      logout: 'you logged out on this device',
      logout_all: 'all devices were logged out',
      revoked: 'this device was logged out from another one',
      displaced: 'a login on another device replaced this session',
      replaced: 'a new login in this browser replaced this session',
      password_changed: 'the password was changed on another device',
      disabled: 'the account is disabled',
      reused: 'an old token of this session was used again, which can mean that it was stolen',
      expired: 'the session has expired',
      refresh_token_expired: 'the session has expired',
      refresh_token_reused: 'an old token of this session was used again, which can mean that it was stolen',
      refresh_token_invalid: 'the server does not know this session',
      refresh_token_missing: 'the browser no longer has the login cookie',
    },
    error: {
      invalid_credentials: 'User name or password is wrong.',
      cookie_needs_https: 'This address is not secure, so the browser would not keep you logged in. Open this page with https.',
      wrong_password: 'The current password is wrong.',
      username_taken: 'This user name is taken.',
      registration_closed: 'Only an administrator can create accounts here.',
      too_many_sessions: 'Your account is logged in on the maximum number of devices. Log out on one of them first.',
      too_many_requests: 'Too many attempts. Wait a moment, then try again.',
      unavailable: 'The server is busy. Try again in a moment.',
      network: 'The server cannot be reached. Check the connection, then try again.',
      unexpected_answer: 'Something other than the server answered. Check the connection, then try again.',
      other: 'Something went wrong ({code}).',
    },
  },
  ko: {
    connecting: '연결하는 중…',
    notConnected: '연결되지 않음',
    retry: '다시 시도',
    docs: 'API 문서',
    notSeen: '여기에는 로그인되어 있지만 애플리케이션이 로그인을 전달받지 못합니다. 운영자에게 문의하세요.',
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
    passwordHint: '길고 추측하기 어렵게 만드세요. 서로 관련 없는 단어 몇 개를 이어 쓰면 좋습니다.',
    hello: '{name} 님, 안녕하세요',
    accessToken: '액세스 토큰',
    secondsLeft: '초 남음',
    expired: '만료됨, 다음 호출 때 갱신됨',
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
    endedDevices: '최근 30일 동안 종료된 세션',
    noneEnded: '없습니다.',
    devicesShown: '세션 {total}개 중 {shown}개 표시',
    showMore: '더 보기',
    unknownBrowser: '알 수 없는 앱',
    browserOn: '{system}의 {browser}',
    unknownAddress: '알 수 없는 주소',
    lastUsed: '마지막 사용: {when}',
    endedAt: '{when} 종료: {why}',
    endDevice: '로그아웃',
    endDeviceOf: '{device} 로그아웃',
    deviceEnded: '기기를 로그아웃했습니다.',
    logoutAll: '모든 기기에서 로그아웃',
    logoutAllQuestion: '이 기기를 포함한 모든 기기가 바로 로그아웃됩니다.',
    cancel: '취소',
    registered: '계정은 만들었지만 로그인하지 못했습니다.',
    changePassword: '비밀번호 변경',
    currentPassword: '현재 비밀번호',
    newPassword: '새 비밀번호',
    newPasswordHint: '다른 모든 기기는 로그아웃됩니다.',
    passwordChanged: '비밀번호를 변경했고, 다른 모든 기기를 로그아웃했습니다.',
    loggedOut: '로그아웃했습니다.',
    loggedOutHere: '이 기기에서는 로그아웃했지만 서버에 연결하지 못했습니다. '
      + '나중에 다시 로그인하여 기기 목록에서 이전 세션을 로그아웃하세요.',
    sessionEnded: '로그아웃되었습니다. {why}.',
    unknownReason: '세션이 종료되었습니다',
    reason: {
      logout: '이 기기에서 로그아웃했습니다',
      logout_all: '모든 기기가 로그아웃되었습니다',
      revoked: '다른 기기에서 이 기기를 로그아웃했습니다',
      displaced: '다른 기기에서 로그인하여 이 세션이 종료되었습니다',
      replaced: '이 브라우저에서 새로 로그인하여 이 세션이 종료되었습니다',
      password_changed: '다른 기기에서 비밀번호를 변경했습니다',
      disabled: '계정이 사용 중지되었습니다',
      reused: '이 세션의 이전 토큰이 다시 사용되었습니다. 토큰이 도난당했을 수 있습니다',
      expired: '세션이 만료되었습니다',
      refresh_token_expired: '세션이 만료되었습니다',
      refresh_token_reused: '이 세션의 이전 토큰이 다시 사용되었습니다. 토큰이 도난당했을 수 있습니다',
      refresh_token_invalid: '서버에서 이 세션을 찾을 수 없습니다',
      refresh_token_missing: '브라우저에 로그인 쿠키가 없습니다',
    },
    error: {
      invalid_credentials: '사용자 이름이나 비밀번호가 올바르지 않습니다.',
      cookie_needs_https: '안전하지 않은 주소이므로 브라우저에서 로그인이 유지되지 않습니다. https 주소로 접속하세요.',
      wrong_password: '현재 비밀번호가 올바르지 않습니다.',
      username_taken: '이미 사용 중인 사용자 이름입니다.',
      registration_closed: '이 서버에서는 관리자만 계정을 만들 수 있습니다.',
      too_many_sessions: '로그인할 수 있는 기기 수를 모두 사용하고 있습니다. 먼저 다른 기기에서 로그아웃하세요.',
      too_many_requests: '시도가 너무 많습니다. 잠시 후 다시 시도하세요.',
      unavailable: '서버가 바쁩니다. 잠시 후 다시 시도하세요.',
      network: '서버에 연결할 수 없습니다. 연결을 확인하고 다시 시도하세요.',
      unexpected_answer: '서버가 아닌 곳에서 응답했습니다. 연결을 확인하고 다시 시도하세요.',
      other: '처리하지 못했습니다 ({code}).',
    },
    // The server's messages are in English, so the rule of each field replaces them.
    field: {
      username: '1자에서 64자까지 쓸 수 있으며, 콜론과 앞뒤 공백은 쓸 수 없습니다. @가 있으면 올바른 이메일 주소여야 합니다.',
      displayName: '64자까지 쓸 수 있습니다.',
      password: '너무 짧거나, 너무 길거나(256자까지), 추측하기 쉽습니다.',
      newPassword: '너무 짧거나, 너무 길거나(256자까지), 추측하기 쉽습니다.',
      currentPassword: '올바르지 않습니다.',
    },
  },
};

/** Language of the page: the first of the browser's preferred languages that has texts, or English. */
export const language = navigator.languages.map((tag) => tag.split('-')[0]).find((tag) => tag in texts) ?? 'en';

const translations = texts[language];

/** The text of a key such as `login` or `error.network`; undefined if there is none. */
export function find(key) {
  return key.split('.').reduce((texts, step) => texts?.[step], translations);
}

/** The text of a key, with its `{names}` filled in. */
export function text(key, values = {}) {
  return find(key).replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Explanation of the end of a session, by the reason or code of the server. */
export function why(reason) {
  return find(`reason.${reason}`) ?? text('unknownReason');
}

/** Age of a moment in words, such as "5 minutes ago". */
export function ago(moment) {
  const seconds = Math.round((Date.parse(moment) - Date.now()) / 1000);
  const [unit, size] = [['day', 86400], ['hour', 3600], ['minute', 60]].find(([, size]) => -seconds >= size) ?? ['second', 1];
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(Math.min(0, Math.round(seconds / size)), unit);
}

/** Fills each element that has a `data-text` with its text. */
export function translate(root) {
  document.documentElement.lang = language;
  for (const element of root.querySelectorAll('[data-text]')) {
    element.textContent = text(element.dataset.text);
  }
}
