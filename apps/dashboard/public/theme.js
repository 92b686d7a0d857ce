// Runs before anything is painted, so that a chosen theme does not flash. Without a choice the system's holds.
try {
  const theme = localStorage.getItem('unroll.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // A browser that keeps nothing: the system's theme.
}
