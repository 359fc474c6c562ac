import './app.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { ensureTemporal } from './lib/time.ts';

await ensureTemporal();

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
mount(App, { target });
