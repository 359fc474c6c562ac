import { type Static, Type } from 'typebox';
import { command, Empty, Id, Nullable, operation, Strict } from './define.ts';
import { ConsumerDescription, IceServer, MayProduce, MediaState, ModeratedSource, Opaque, Source, TransportDescription } from './media.ts';
import { EXITS, Meeting, Participant } from './meetings.ts';

const params = Strict({ id: Id });

export const presenceOperations = {
  startMeeting: operation({
    method: 'POST',
    path: '/api/meetings/:id/start',
    summary: 'Open the room; those who wait at the door are told',
    tag: 'live',
    params,
    reply: Meeting,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'MEETING_ENDED'],
  }),
  endMeeting: operation({
    method: 'POST',
    path: '/api/meetings/:id/end',
    summary: 'End the meeting for all',
    tag: 'live',
    params,
    reply: Meeting,
    errors: ['NOT_FOUND', 'NOT_ALLOWED', 'MEETING_NOT_LIVE'],
  }),
  getMediaSetup: operation({
    method: 'GET',
    path: '/api/media',
    summary: 'What a browser needs to load its media stack before it enters a room',
    tag: 'live',
    access: 'public',
    reply: Type.Object({ rtpCapabilities: Opaque, iceServers: Type.Array(IceServer) }),
    errors: ['MEDIA_UNAVAILABLE'],
  }),
};

/** The media side of having entered. `consumers` are paused: `media.resume` them once they are set up. */
export const MediaEntry = Type.Object({
  send: TransportDescription,
  receive: TransportDescription,
  consumers: Type.Array(ConsumerDescription),
});
export type MediaEntry = Static<typeof MediaEntry>;

/** Who is in the room and what of them is on. Keyed by participant id. */
export const MediaStates = Type.Record(Type.String(), MediaState);

export const Entered = Type.Object({
  you: Participant,
  /** What you may send; `room.rights` tells when that changes. */
  may: MayProduce,
  /** Goes into the next `room.enter` as `seat`, so that a lost connection does not stop running media. */
  seat: Type.String(),
  /** True: the transports of before are still there, `media` is null, nothing to rebuild. */
  resumed: Type.Boolean(),
  /** Null too when this server has no media worker: the room works without pictures and says so. */
  media: Nullable(MediaEntry),
  mediaStates: MediaStates,
});
export type Entered = Static<typeof Entered>;

export const presenceCommands = {
  /** Take the seat. A second tab of the same person takes it over; the first one hears `room.replaced`. */
  'room.enter': command(
    Strict({ meetingId: Id, rtpCapabilities: Type.Optional(Opaque), seat: Type.Optional(Type.String({ maxLength: 100 })) }),
    Entered,
  ),
  'room.leave': command(Empty, Empty),
  'media.connect': command(Strict({ transportId: Id, dtlsParameters: Opaque }), Empty),
  'media.restartIce': command(Strict({ transportId: Id }), Type.Object({ iceParameters: Opaque })),
  /** Refused with NOT_ALLOWED when role or settings forbid the source. A source has one producer: a new one replaces it. */
  'media.produce': command(
    Strict({ source: Source, rtpParameters: Opaque, paused: Type.Optional(Type.Boolean()) }),
    Type.Object({ producerId: Id }),
  ),
  /** Mute or unmute (camera off or on), without closing. */
  'media.pause': command(Strict({ source: Source, paused: Type.Boolean() }), Empty),
  'media.close': command(Strict({ source: Source }), Empty),
  /** Pause or resume what I receive: hidden tiles cost nothing. */
  'media.consume': command(Strict({ consumerIds: Type.Array(Id, { minItems: 1, maxItems: 200 }), paused: Type.Boolean() }), Empty),
  /** 0 is the smallest picture. */
  'media.layers': command(Strict({ consumerId: Id, spatialLayer: Type.Integer({ minimum: 0, maximum: 2 }) }), Empty),
};

export const presenceSignals = {
  'room.media': Type.Object({ participantId: Id, state: MediaState }),
  /** Who is audible now, loudest first. Volatile. */
  'room.speaking': Type.Object({ participantIds: Type.Array(Id) }),
  /** This person entered in another tab. */
  'room.replaced': Type.Object({ meetingId: Id }),
  /** Media moved to another worker: enter again, without `seat`. */
  'room.moved': Type.Object({ meetingId: Id }),
  /** Put out, told before everything of the room is closed for this person. */
  'room.removed': Type.Object({ meetingId: Id, how: Type.Enum(EXITS) }),
  /** What this person may send from now on. */
  'room.rights': Type.Object({ may: MayProduce }),
  /** `by` asks this person to turn a source on, and allows it. */
  'room.asked': Type.Object({ source: ModeratedSource, by: Type.String() }),
  'media.consumer': ConsumerDescription,
  'media.consumerClosed': Type.Object({ consumerId: Id }),
  /** Rights changed and the server stopped this source of mine. */
  'media.stopped': Type.Object({ source: Source }),
};
