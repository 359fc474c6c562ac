import { type Static, Type } from 'typebox';
import { userTopic } from './accounts.ts';
import { calendarTopic } from './calendar.ts';
import { personTopic } from './chat.ts';
import { type Acknowledged, command, Empty, Strict } from './define.ts';
import { engagementSignals } from './engagement.ts';
import type { ErrorCode } from './errors.ts';
import { meetingTopic } from './meetings.ts';
import { resourcesTopic, resourceTopic } from './resources.ts';
import { qualityCommands, qualitySignals } from './quality.ts';
import { presenceCommands, presenceSignals } from './presence.ts';
import { togetherCommands, togetherSignals } from './together.ts';
import { deskTopic, lobbyTopic, waitingRoomCommands, waitingRoomSignals } from './waiting-room.ts';

/** Every followed log by its kind; a topic's name is `kind:id`. */
export const topics = {
  meeting: meetingTopic,
  desk: deskTopic,
  lobby: lobbyTopic,
  person: personTopic,
  user: userTopic,
  calendar: calendarTopic,
  resource: resourceTopic,
  resources: resourcesTopic,
};
export type Topics = typeof topics;
export type TopicKind = keyof Topics;
export type TopicName<K extends TopicKind = TopicKind> = `${K}:${string}`;
export type KindOf<N extends TopicName> = N extends `${infer K extends TopicKind}:${string}` ? K : never;
export type Snapshot<K extends TopicKind> = Static<Topics[K]['snapshot']>;
export type ChangeName<K extends TopicKind> = keyof Topics[K]['changes'] & string;
/** What a topic of kind K can say: `{ name, data }`, discriminated by name. */
export type Change<K extends TopicKind> = {
  [N in ChangeName<K>]: { name: N; data: Topics[K]['changes'][N] extends infer S extends import('typebox').TSchema ? Static<S> : never };
}[ChangeName<K>];
export type NumberedChange<K extends TopicKind = TopicKind> = Change<K> & { seq: number };

const Name = Type.String({
  maxLength: 60,
  pattern: '^((meeting|desk|lobby|person|user|resource):[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|calendar:(staff|public)|resources:all)$',
});
const Numbered = Type.Object({ seq: Type.Integer(), name: Type.String(), data: Type.Unknown() });
/** Missed changes when the server still has them all, else a snapshot; both lead to `seq`. */
export const Followed = Type.Object({
  seq: Type.Integer(),
  changes: Type.Optional(Type.Array(Numbered)),
  snapshot: Type.Optional(Type.Unknown()),
});
export type Followed = Static<typeof Followed>;

export const commands = {
  'topic.follow': command(Strict({ topic: Name, after: Type.Optional(Type.Integer({ minimum: 0 })) }), Followed),
  'topic.unfollow': command(Strict({ topic: Name }), Empty),
  ...waitingRoomCommands,
  ...presenceCommands,
  ...togetherCommands,
  ...qualityCommands,
};
export type Commands = typeof commands;
export type CommandName = keyof Commands;
export type CommandBody<C extends CommandName> = Static<Commands[C]['body']>;
export type CommandReply<C extends CommandName> = Static<Commands[C]['reply']>;

/** What the server sends outside of topics: not kept, not numbered, never the truth about anything that lasts. */
export const signals = { ...waitingRoomSignals, ...presenceSignals, ...togetherSignals, ...engagementSignals, ...qualitySignals };
export type Signals = typeof signals;
export type SignalName = keyof Signals;
export type SignalData<S extends SignalName> = Static<Signals[S]>;

/** The Socket.IO event maps, computed from the schemas. */
export type ClientToServer = {
  [C in CommandName]: (body: CommandBody<C>, reply: (answer: Acknowledged<CommandReply<C>>) => void) => void;
};
export type ServerToClient = {
  [S in SignalName]: (data: SignalData<S>) => void;
} & {
  change: (change: { topic: string; seq: number; name: string; data: unknown }) => void;
  /** The newest number of each followed topic, every 15 s: a change lost on the way is noticed. */
  heads: (heads: Record<string, number>) => void;
  /** The right to follow is gone. */
  'topic.closed': (closed: { topic: string; code: ErrorCode }) => void;
};
