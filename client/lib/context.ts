import { createContext } from 'svelte';
import type { Live } from './live.ts';

/** The page's one connection, provided by App.svelte. */
export const [useLive, provideLive] = createContext<Live>();
