import './app.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { ensureTemporal } from './lib/time.ts';

const RELOADED = 'muster.reloaded';

// A page that is older than the server asks for files that are gone: load the new one, once.
addEventListener('vite:preloadError', (event) => {
  if (sessionStorage.getItem(RELOADED)) return;
  event.preventDefault();
  sessionStorage.setItem(RELOADED, 'yes');
  location.reload();
});
addEventListener('load', () => setTimeout(() => sessionStorage.removeItem(RELOADED), 10_000));

// The router decodes the address and would stop at one that cannot be decoded.
try {
  decodeURIComponent(location.pathname);
} catch {
  history.replaceState(null, '', '/not-found');
}

await ensureTemporal();

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
mount(App, { target });
