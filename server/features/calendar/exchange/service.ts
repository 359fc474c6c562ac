import type { Database } from '../../../kernel/database.ts';
import type { EventService } from '../service.ts';
import { FeedService } from './feeds/service.ts';
import { ImportService } from './imports/service.ts';
import { TextService } from './texts/service.ts';

/** The calendar in other programs: files out, files in, and an address to follow. */
export class ExchangeService {
  readonly texts: TextService;
  readonly feeds: FeedService;
  readonly imports: ImportService;

  constructor(database: Database, events: EventService) {
    this.texts = new TextService(database);
    this.feeds = new FeedService(database, this.texts);
    this.imports = new ImportService(database, events);
  }
}
