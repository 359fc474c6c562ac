import { AppError } from '../../../contract/errors.ts';
import type { Resource as ResourceView } from '../../../contract/resources.ts';
import type { UserActor } from '../../../kernel/actor.ts';
import { sha256 } from '../../../kernel/crypto.ts';
import type { Database } from '../../../kernel/database.ts';
import { invalid } from '../../../kernel/errors.ts';
import { authorizeSystem } from '../../../policy.ts';
import { ResourcePhoto } from '../entity.ts';
import { lockResource, tellResource } from '../service.ts';
import { resourceView } from '../view.ts';
import { pictureOf } from './rules.ts';

const MOST_PIXELS = 4096;

export class PhotoService {
  #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async set(actor: UserActor, id: string, data: string): Promise<ResourceView> {
    authorizeSystem(actor, 'resource.manage');
    const bytes = Buffer.from(data, 'base64');
    const picture = pictureOf(bytes);
    if (!picture) throw invalid({ field: '/body/data', rule: 'picture', message: 'is not a JPEG, PNG or WebP picture' });
    if (Math.max(picture.width, picture.height) > MOST_PIXELS)
      throw invalid({ field: '/body/data', rule: 'size', message: `is larger than ${MOST_PIXELS} × ${MOST_PIXELS} pixels` });
    return this.#database.transact(actor, async (tx) => {
      const resource = await lockResource(tx.em, id);
      resource.photoHash = sha256(data);
      const content = { mediaType: picture.mediaType, bytes, createdAt: tx.now };
      const photo = await tx.em.findOne(ResourcePhoto, { resource: id });
      if (photo) tx.em.assign(photo, content);
      else tx.em.create(ResourcePhoto, { resource, ...content });
      await tx.em.flush();
      tellResource(tx, id, 'resource.photo');
      return resourceView(resource);
    });
  }

  async get(actor: UserActor, id: string): Promise<{ mediaType: string; bytes: Uint8Array }> {
    authorizeSystem(actor, 'resource.read');
    const photo = await this.#database.reader().findOne(ResourcePhoto, { resource: id });
    if (!photo) throw new AppError('NOT_FOUND', 'There is no such picture.');
    return photo;
  }

  async remove(actor: UserActor, id: string): Promise<void> {
    authorizeSystem(actor, 'resource.manage');
    await this.#database.transact(actor, async (tx) => {
      const resource = await lockResource(tx.em, id);
      if (resource.photoHash === null) throw new AppError('NOT_FOUND', 'There is no such picture.');
      resource.photoHash = null;
      await tx.em.nativeDelete(ResourcePhoto, { resource: id });
      tellResource(tx, id, 'resource.photo');
    });
  }
}
