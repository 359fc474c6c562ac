import { createRouter } from 'sv-router';

export const { p, navigate, isActive, preload, route } = createRouter({
  '/m/:code': () => import('./routes/Meet.svelte'),
  '*notFound': () => import('./routes/NotFound.svelte'),
});
