// A classic script, because a module would run after the first paint.
try {
  const theme = localStorage.getItem('authserver.theme');
  if (theme) {
    document.documentElement.dataset.theme = theme;
  }
} catch {
  // Without storage the page follows the system.
}
