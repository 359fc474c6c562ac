/** Who is acting now. */
export type Actor =
  | {
      type: 'user';
      id: string;
      role: 'admin' | 'staff' | 'facilitator' | 'client';
      sessionId: string;
      /** Of the signed cookie that guests are known by, where this browser has one. */
      deviceId: string | null;
      address: string;
    }
  /** Somebody without an account, known by the signed cookie of their device. */
  | { type: 'guest'; id: string; address: string }
  | { type: 'anonymous'; id: null; address: string }
  | { type: 'system'; id: null; address: null };

export type UserActor = Extract<Actor, { type: 'user' }>;
export const system: Actor = { type: 'system', id: null, address: null };
