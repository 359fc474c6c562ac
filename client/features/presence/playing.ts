import type { Attachment } from 'svelte/attachments';

/** Plays one track in the element that it is attached to. `blocked`: the browser wants a gesture before there is sound. */
export function playing(track: MediaStreamTrack, blocked?: () => void): Attachment<HTMLMediaElement> {
  return (element) => {
    element.srcObject = new MediaStream([track]);
    element.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') blocked?.();
    });
    return () => {
      element.srcObject = null;
    };
  };
}
