// The theme: the system's, unless somebody chose.

const THEMES = ['system', 'light', 'dark'];

function setTheme(theme) {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  write($('theme'), `Theme: ${theme}`);
}

function kept() {
  try {
    return THEMES.includes(localStorage.theme) ? localStorage.theme : 'system';
  } catch {
    return 'system';
  }
}

$('theme').addEventListener('click', () => {
  const next = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme || 'system') + 1) % THEMES.length];
  setTheme(next);
  try {
    localStorage.theme = next;
  } catch {
    // It lasts as long as the page.
  }
});
