import Columns2 from '@lucide/svelte/icons/columns-2';
import LayoutGrid from '@lucide/svelte/icons/layout-grid';
import Maximize from '@lucide/svelte/icons/maximize';
import Minimize from '@lucide/svelte/icons/minimize';
import PictureInPicture2 from '@lucide/svelte/icons/picture-in-picture-2';
import RectangleHorizontal from '@lucide/svelte/icons/rectangle-horizontal';
import { t } from '../../lib/i18n.ts';
import type { MenuItem } from '../../ui/Menu.svelte';
import { LAYOUTS } from './arrangement.ts';
import type { FullScreen } from './full-screen.svelte.ts';
import type { PictureInPicture } from './picture-in-picture.svelte.ts';
import type { StageState } from './stage.svelte.ts';

const icons = { grid: LayoutGrid, speaker: RectangleHorizontal, side: Columns2 } as const;

/** How the room is to be seen. What this browser cannot do is not offered. */
export function viewMenu(stage: StageState, fullScreen: FullScreen, pip: PictureInPicture): MenuItem[][] {
  const layouts = LAYOUTS.map(
    (layout): MenuItem => ({
      label: t(`room.layout.${layout}`),
      icon: icons[layout],
      checked: stage.layout === layout,
      onselect: () => stage.choose(layout),
    }),
  );
  const whole: MenuItem = {
    label: t(fullScreen.on ? 'room.fullScreen.leave' : 'room.fullScreen'),
    icon: fullScreen.on ? Minimize : Maximize,
    onselect: () => fullScreen.toggle(),
  };
  const small: MenuItem = {
    label: t(pip.on ? 'room.pip.close' : 'room.pip'),
    icon: PictureInPicture2,
    onselect: () => void pip.toggle(),
  };
  const windows = [...(fullScreen.available ? [whole] : []), ...(pip.available ? [small] : [])];
  return windows.length ? [layouts, windows] : [layouts];
}
