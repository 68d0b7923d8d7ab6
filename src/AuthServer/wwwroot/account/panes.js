import { showData } from './data.js';
import { prepareDevices, showDevices } from './devices.js';
import { showProfile } from './profile.js';
import { changePassword, showSecurity } from './security.js';

prepareDevices();

/** Functions that load the parts of the account. */
export const panes = { profile: showProfile, security: showSecurity, devices: showDevices, data: showData };

export { changePassword };
