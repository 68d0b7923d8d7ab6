import { loadTexts } from './texts.js';

await loadTexts('./{language}/login.js', './{language}/problems.js');
await import('./account.js');
