import type { Bind } from '../../kernel/http.ts';
import type { CompositionService } from './composition/service.ts';
import type { RecordingControl } from './control/service.ts';
import type { RecordingFiles } from './files/service.ts';
import type { RecordingService } from './service.ts';

type Parts = { recordings: RecordingService; control: RecordingControl; composition: CompositionService; files: RecordingFiles };

export function recordingRoutes(bind: Bind, { recordings, control, composition, files }: Parts): void {
  bind('startRecording', ({ actor, params }) => control.start(actor, params.id));
  bind('pauseRecording', ({ actor, params }) => control.pause(actor, params.id));
  bind('resumeRecording', ({ actor, params }) => control.resume(actor, params.id));
  bind('stopRecording', ({ actor, params }) => control.stop(actor, params.id));
  bind('agreeToRecording', ({ actor, params }) => control.agree(actor, params.id));
  bind('listRecordings', ({ actor, params, query }) => recordings.list(actor, params.id, query));
  bind('getRecording', ({ actor, params }) => recordings.get(actor, params.id));
  bind('updateRecording', ({ actor, params, body }) => recordings.update(actor, params.id, body));
  bind('deleteRecording', ({ actor, params }) => recordings.delete(actor, params.id));
  bind('composeRecording', ({ actor, params }) => composition.again(actor, params.id));
  bind('linkRecordingFile', ({ actor, params }) => files.link(actor, params.id, params.fileId));
  bind('fetchRecordingFile', async ({ actor, params, query }, { request, reply }) => {
    const { status, headers, body } = await files.fetch(actor, params.link, request.headers.range, query.download ?? false);
    reply
      .code(status)
      .headers(headers)
      .send(body ?? undefined);
  });
}
