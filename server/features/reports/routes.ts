import type { Bind } from '../../kernel/http.ts';
import type { ReportService } from './service.ts';

const TYPES = { csv: 'text/csv; charset=utf-8', json: 'application/json; charset=utf-8' } as const;

export function reportRoutes(bind: Bind, reports: ReportService): void {
  bind('getReport', ({ actor, params }) => reports.get(actor, params.id));
  bind('listReportPeople', ({ actor, params, query }) => reports.people(actor, params.id, query));
  bind('downloadReport', async ({ actor, params, query }, { reply }) => {
    const { format = 'csv' } = query;
    const text = await reports.download(actor, params.id, format);
    void reply.header('content-disposition', `attachment; filename="report-${params.id}.${format}"`).type(TYPES[format]);
    return text;
  });
}
