import { client } from '../account/client.js';
import { $, say } from '../account/dom.js';
import { messageOf } from '../account/forms.js';
import { prepareFrame } from '../account/frame.js';
import { text, translate } from '../account/texts.js';
import { clearCalls, keepCalling, onCall } from './calls.js';
import { prepareRotation } from './rotation.js';
import { showToken } from './token.js';

let renewals = 0;

translate(document);
prepareFrame();
prepareRotation();
$('login').href = `./?${new URLSearchParams({ return_to: location.href.replaceAll('\\', '%5C') })}`;

client.onChange((session, change) => {
  renewals = change.type === 'refresh' ? renewals + 1 : 0;
  show(session);
});

$('logout').addEventListener('click', () => client.logout().catch((error) => say(messageOf(error), 'bad')));

onCall(async () => {
  const before = renewals;
  try {
    const response = await client.fetch('me');
    return [response.status, response.ok ? text(renewals > before ? 'callRenewed' : 'callSame') : (await response.json()).code];
  } catch (error) {
    return ['', messageOf(error)];
  }
});

try {
  show(await client.session());
} catch (error) {
  say(messageOf(error), 'bad');
}

function show(session) {
  $('token').hidden = $('logout').hidden = !session;
  $('login').hidden = Boolean(session);
  $('renewals').textContent = text('renewals', { count: renewals });
  say(session ? '' : text('logInFirst'));
  showToken(session);
  if (!session) {
    keepCalling(false);
    clearCalls();
  }
}
