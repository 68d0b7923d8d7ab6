import { loadTexts } from '../account/texts.js';

await loadTexts('./{language}/login.js', './{language}/problems.js', '../playground/{language}/texts.js');
await import('./playground.js');
