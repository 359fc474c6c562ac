import { createContext } from 'svelte';
import type { Live } from './live.ts';

/** The page's connection. The app sets it once; whoever is below follows topics through it. */
export const [getLive, setLive] = createContext<Live>();
