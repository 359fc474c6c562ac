import { defineEntity, p } from '@mikro-orm/core';
import { SYSTEM_ROLES } from '../../contract/accounts.ts';
import { InstantType } from '../../kernel/instant.ts';

/** Everybody known. Without `passwordHash` nobody can sign in as them yet (invited, or a client without a login). */
export const UserSchema = defineEntity({
  name: 'User',
  tableName: 'user',
  properties: {
    id: p.uuid().primary(),
    /** Lower case. */
    email: p.string().length(254).nullable().unique(),
    name: p.string().length(80).index(),
    role: p.enum(SYSTEM_ROLES),
    passwordHash: p.text().nullable().hidden(),
    timeZone: p.string().length(64).default('UTC'),
    locale: p.string().length(35).default('en'),
    createdAt: p.type(InstantType),
  },
});
export class User extends UserSchema.class {}
UserSchema.setClass(User);

export const SessionSchema = defineEntity({
  name: 'Session',
  properties: {
    id: p.uuid().primary(),
    /** SHA-256 of the cookie: a leaked table opens no session. */
    tokenHash: p.string().length(64).unique().hidden(),
    user: () => p.manyToOne(User).deleteRule('cascade').index(),
    address: p.string().length(64),
    userAgent: p.string().length(300),
    createdAt: p.type(InstantType),
    lastSeenAt: p.type(InstantType),
    expiresAt: p.type(InstantType).index(),
  },
});
export class Session extends SessionSchema.class {}
SessionSchema.setClass(Session);

/** A link that sets the first password of one user, once. */
export const InvitationSchema = defineEntity({
  name: 'Invitation',
  properties: {
    id: p.uuid().primary(),
    tokenHash: p.string().length(64).unique().hidden(),
    user: () => p.manyToOne(User).deleteRule('cascade').index(),
    /** The link of the very first start, which is printed until it is used. */
    first: p.boolean().default(false),
    createdAt: p.type(InstantType),
    expiresAt: p.type(InstantType),
    usedAt: p.type(InstantType).nullable(),
  },
});
export class Invitation extends InvitationSchema.class {}
InvitationSchema.setClass(Invitation);
