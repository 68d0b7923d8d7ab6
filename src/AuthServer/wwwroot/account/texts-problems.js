/** Texts of failures, in English and Korean. */
export const problemTexts = {
  error: {
    invalid_credentials: ['User name or password is wrong.', '사용자 이름이나 비밀번호가 올바르지 않습니다.'],
    cookie_needs_https: [
      'This address is not secure, so the browser would not keep you logged in. Open this page with https.',
      '안전하지 않은 주소이므로 브라우저에서 로그인이 유지되지 않습니다. https 주소로 접속하세요.',
    ],
    wrong_password: ['The current password is wrong.', '현재 비밀번호가 올바르지 않습니다.'],
    wrong_proof: ['That is not right. Try again.', '입력한 정보가 올바르지 않습니다. 다시 시도하세요.'],
    username_taken: ['This user name is taken.', '이미 사용 중인 사용자 이름입니다.'],
    registration_closed: ['Only an administrator can create accounts here.', '이 서버에서는 관리자만 계정을 만들 수 있습니다.'],
    too_many_sessions: [
      'Your account is logged in on the maximum number of devices. Log out on one of them first.',
      '로그인할 수 있는 기기 수를 초과했습니다. 먼저 다른 기기에서 로그아웃하세요.',
    ],
    too_many_requests: ['Too many attempts. Wait a moment, then try again.', '시도 횟수가 너무 많습니다. 잠시 후 다시 시도하세요.'],
    unavailable: ['The server is busy. Try again in a moment.', '요청이 많아 처리하지 못했습니다. 잠시 후 다시 시도하세요.'],
    network: [
      'The server cannot be reached. Check the connection, then try again.',
      '서버에 연결할 수 없습니다. 인터넷 연결을 확인하고 다시 시도하세요.',
    ],
    session_invalid: ['The login has changed meanwhile. Log in again.', '그동안 로그인 정보가 바뀌었습니다. 다시 로그인하세요.'],
    last_credential: [
      'This is your only way to log in, so it cannot be removed.',
      '유일한 로그인 방법이므로 삭제할 수 없습니다.',
    ],
    last_admin: [
      'You are the only administrator. Make another user an administrator first.',
      '유일한 관리자입니다. 먼저 다른 사용자를 관리자로 지정하세요.',
    ],
    link_invalid: [
      'This link no longer works: it was used, has expired or was replaced. Ask for a new one.',
      '이미 사용했거나 만료되었거나 더 이상 유효하지 않은 링크입니다. 새 링크를 요청하세요.',
    ],
    email_taken: ['Another account has confirmed this address.', '다른 계정에서 사용 중인 이메일 주소입니다.'],
    email_unverified: [
      'Confirm your email address first. Open the link in the email that we sent to it.',
      '먼저 이메일 주소를 인증해 주세요. 보내 드린 이메일의 링크를 열면 됩니다.',
    ],
    second_factor_required: [
      'Enter the code of your authenticator app, or a recovery code.',
      '인증 앱의 코드나 복구 코드를 입력하세요.',
    ],
    second_factor_invalid: [
      'This code is wrong, was used, or came too late. Try the next one, or log in again.',
      '코드가 틀렸거나 이미 사용되었거나 시간이 지났습니다. 다음 코드를 입력하거나 다시 로그인하세요.',
    ],
    not_found: ['It is no longer there. Reload the page.', '이미 삭제된 항목입니다. 페이지를 새로고침하세요.'],
    passkey_refused: [
      'The browser has not confirmed a passkey. Try again, or choose another way.',
      '패스키를 확인하지 못했습니다. 다시 시도하거나 다른 방법을 선택하세요.',
    ],
    passkey_unknown: [
      'This passkey is not known here. It may have been removed.',
      '등록되지 않은 패스키입니다. 이미 삭제되었을 수 있습니다.',
    ],
    passkey_exists: ['This device has a passkey of your account already.', '이 기기에는 이미 이 계정의 패스키가 있습니다.'],
    passkey_address: ['Passkeys do not work at this address.', '이 주소에서는 패스키를 사용할 수 없습니다.'],
    other: ['Something went wrong ({code}).', '요청을 처리하지 못했습니다. (오류 코드: {code})'],
  },
  external: {
    access_denied: ['The login with {provider} was cancelled.', '{provider} 로그인이 취소되었습니다.'],
    invalid_request: [
      'The login with {provider} took too long, or began in another browser. Try again.',
      '{provider} 로그인 시간이 초과되었거나 다른 브라우저에서 시작되었습니다. 다시 시도하세요.',
    ],
    server_error: [
      'The answer from {provider} cannot be trusted. Try again later, or log in another way.',
      '{provider} 로그인을 확인하지 못했습니다. 나중에 다시 시도하거나 다른 방법으로 로그인하세요.',
    ],
    temporarily_unavailable: [
      '{provider} cannot be reached. Try again later, or log in another way.',
      '{provider}에 연결할 수 없습니다. 나중에 다시 시도하거나 다른 방법으로 로그인하세요.',
    ],
    identity_in_use: [
      'This {provider} account belongs to another user here.',
      '이 {provider} 계정은 이미 다른 사용자에게 연결되어 있습니다.',
    ],
    email_taken: [
      'You already have an account with this address. Log in the usual way once, and {provider} will be linked to it.',
      '이 주소로 만든 계정이 이미 있습니다. 기존 방법으로 한 번 로그인하면 {provider} 계정이 연결됩니다.',
    ],
    invalid_credentials: ['This account is disabled.', '사용이 중지된 계정입니다.'],
  },
  invalid: {
    missing: ['Fill in this field.', '필수 입력 항목입니다.'],
    email: ['This is not an email address.', '올바른 이메일 주소가 아닙니다.'],
  },
  // The server's messages are in English, so the rule of each field replaces them in other languages.
  field: {
    username: [
      '', '1~64자로 입력하세요. 콜론(:)과 앞뒤 공백은 쓸 수 없습니다. @가 있으면 인증된 이메일 주소여야 합니다.',
    ],
    displayName: ['', '64자까지 쓸 수 있습니다.'],
    name: ['', '64자까지 쓸 수 있습니다.'],
    email: ['', '올바른 이메일 주소를 입력하세요. 사용자 이름이 이메일 주소이면 비워 두세요.'],
    password: ['', '너무 짧거나 길거나(최대 256자) 추측하기 쉽습니다.'],
    newPassword: ['', '너무 짧거나 길거나(최대 256자) 추측하기 쉽습니다.'],
    strength: ['', '추측하기 쉽거나 너무 깁니다(최대 256자).'],
    currentPassword: ['', '올바르지 않습니다.'],
    code: ['', '올바른 코드가 아닙니다.'],
  },
};
