/** Texts of the page for developers, in English and Korean. */
export const playTexts = {
  playLead: [
    'See tokens expire, renew and end as it happens. This page is for developers; switch it off by Playground:Enabled.',
    '토큰이 만료되고 갱신되고 종료되는 과정을 직접 확인하는 개발자용 페이지입니다. Playground:Enabled 설정으로 끌 수 있습니다.',
  ],
  logInFirst: ['Log in to see your own access token.', '로그인하면 내 액세스 토큰을 볼 수 있습니다.'],
  accessToken: ['Access token', '액세스 토큰'],
  secondsLeft: ['seconds left', '초 남음'],
  expired: ['expired; the next call renews it', '만료됨, 다음 호출 때 갱신됨'],
  renewals: ['Renewals since this page was opened: {count}', '이 페이지를 연 뒤 {count}번 갱신됨'],
  privateRoute: ['Private route', '보호된 경로'],
  privateRouteHint: [
    'Each call sends the access token. A token that is about to expire is renewed first.',
    '호출할 때마다 액세스 토큰을 보냅니다. 곧 만료될 토큰은 먼저 갱신합니다.',
  ],
  waiting: ['waiting for the server…', '서버를 기다리는 중…'],
  call: ['Call GET /me', 'GET /me 호출'],
  keepCalling: ['Every second', '매초 호출'],
  callRenewed: ['token renewed', '토큰 갱신됨'],
  callSame: ['same token', '같은 토큰'],
  header: ['Header', '헤더'],
  claims: ['Claims', '클레임'],
  rotation: ['Refresh tokens', '리프레시 토큰'],
  rotationLead: [
    'Each refresh makes the next generation of a token. This runs on an account of its own, deleted with the next one.',
    '갱신할 때마다 리프레시 토큰의 다음 세대가 만들어집니다. 별도의 임시 계정으로 실행되며 다음 임시 계정을 만들 때 삭제됩니다.',
  ],
  refresh: ['Refresh', '갱신'],
  twoTabs: ['Two tabs at once', '두 탭에서 동시 갱신'],
  lostAnswer: ['Lose an answer', '응답 유실 재현'],
  stolen: ['Use a stolen token', '탈취한 토큰 사용'],
  anew: ['New session', '새 세션'],
  generations: ['Generations', '세대'],
  current: ['current', '현재'],
  used: ['used', '사용됨'],
  twice: ['used twice', '두 번 사용됨'],
  theft: ['stolen', '탈취됨'],
  void: ['void', '폐기됨'],
  did: {
    opened: ['A session was opened with generation 0.', '0세대 토큰으로 세션을 시작했습니다.'],
    refreshed: ['Generation {from} was traded for {to}.', '{from}세대를 {to}세대로 교체했습니다.'],
    twoTabs: [
      'Two tabs presented generation {from} at the same time. Both got {to}: no one was logged out.',
      '두 탭이 {from}세대를 동시에 보냈고 둘 다 {to}세대를 받았습니다. 로그아웃은 없었습니다.',
    ],
    lost: [
      'The answer to generation {from} was thrown away. Asked again, the server repeated {to}.',
      '{from}세대의 응답을 버렸습니다. 다시 요청하자 서버가 {to}세대를 다시 보냈습니다.',
    ],
    stolen: [
      'A thief presented generation {from}, which had been replaced twice: {code}.',
      '이미 두 번 교체된 {from}세대를 공격자가 사용했습니다. 결과: {code}',
    ],
    ended: [
      'The session has ended. Its access token had {left} s to live, and GET /me refuses it already: {code}.',
      '세션이 종료되었습니다. 액세스 토큰은 {left}초 남았지만 GET /me에서 바로 거부됩니다. 결과: {code}',
    ],
    owner: [
      'The owner presented the newest token, and has to log in again: {code}.',
      '사용자가 최신 토큰을 보냈지만 다시 로그인해야 합니다. 결과: {code}',
    ],
  },
};
