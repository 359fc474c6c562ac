// Runs before the first paint, so that a chosen theme never flashes the other one. Without a choice the system decides (tokens.css).
const chosen = localStorage.getItem('muster.theme');
if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
