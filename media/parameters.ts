/**
 * What browsers send us for mediasoup, checked before mediasoup sees it. Its own checks are not enough: a value of a wrong type
 * that they let through breaks off the serialisation of a request in the middle, and from then on every request to that
 * worker fails, of all rooms. Unknown properties are let through; mediasoup ignores them.
 */
import { ortc, type types } from 'mediasoup';
import Type, { type Static, type TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { AppError } from '../server/contract/errors.ts';
import type { Opaque } from '../server/contract/media.ts';

const Text = Type.String({ maxLength: 1_000 });
const Few = <S extends TSchema>(item: S) => Type.Array(item, { maxItems: 200 });
const PayloadType = Type.Integer({ minimum: 0, maximum: 127 });
const ExtensionId = Type.Integer({ minimum: 1, maximum: 255 });
const Uint32 = Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 });
const FormatParameters = Type.Optional(
  Type.Record(Type.String(), Type.Union([Text, Type.Number({ minimum: -(2 ** 31), maximum: 2 ** 32 - 1 })])),
);
const codec = {
  mimeType: Text,
  clockRate: Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }),
  channels: Type.Optional(Type.Integer({ minimum: 1, maximum: 255 })),
  parameters: FormatParameters,
  rtcpFeedback: Type.Optional(Few(Type.Object({ type: Text, parameter: Type.Optional(Text) }))),
};

const Encoding = Type.Object({
  ssrc: Type.Optional(Uint32),
  rid: Type.Optional(Text),
  codecPayloadType: Type.Optional(PayloadType),
  rtx: Type.Optional(Type.Object({ ssrc: Uint32 })),
  dtx: Type.Optional(Type.Boolean()),
  scalabilityMode: Type.Optional(Text),
  scaleResolutionDownBy: Type.Optional(Type.Number()),
  maxBitrate: Type.Optional(Uint32),
});

const RtpParameters = Type.Object({
  mid: Type.Optional(Text),
  msid: Type.Optional(Text),
  codecs: Few(Type.Object({ ...codec, payloadType: PayloadType })),
  headerExtensions: Type.Optional(
    Few(Type.Object({ uri: Text, id: ExtensionId, encrypt: Type.Optional(Type.Boolean()), parameters: FormatParameters })),
  ),
  encodings: Type.Optional(Few(Encoding)),
  rtcp: Type.Optional(Type.Object({ cname: Type.Optional(Text), reducedSize: Type.Optional(Type.Boolean()) })),
});

const RtpCapabilities = Type.Object({
  codecs: Type.Optional(
    Few(Type.Object({ ...codec, kind: Type.Enum(['audio', 'video']), preferredPayloadType: Type.Optional(PayloadType) })),
  ),
  headerExtensions: Type.Optional(
    Few(
      Type.Object({
        kind: Type.Enum(['audio', 'video']),
        uri: Text,
        preferredId: ExtensionId,
        preferredEncrypt: Type.Optional(Type.Boolean()),
        direction: Type.Optional(Type.Enum(['sendrecv', 'sendonly', 'recvonly', 'inactive'])),
      }),
    ),
  ),
});

const DtlsParameters = Type.Object({
  role: Type.Optional(Type.Enum(['auto', 'client', 'server'])),
  fingerprints: Type.Array(Type.Object({ algorithm: Type.Enum(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']), value: Text }), {
    minItems: 1,
    maxItems: 20,
  }),
});

const refused = (what: string, cause?: unknown) => new AppError('INVALID_INPUT', `These are not valid ${what}`, { cause });

function checker<S extends TSchema>(schema: S, what: string): (input: Opaque) => Static<S> {
  const validator = Compile(schema);
  return (input) => {
    if (!validator.Check(input)) throw refused(what);
    return input;
  };
}

const checkRtpParameters = checker(RtpParameters, 'RTP parameters');
const checkRtpCapabilities = checker(RtpCapabilities, 'RTP capabilities');
const checkDtlsParameters = checker(DtlsParameters, 'DTLS parameters');

/**
 * Throws INVALID_INPUT. mediasoup would take a video codec as sound: who may send only sound could send pictures. What is left
 * to mediasoup's own checks: which codecs and header extensions it knows, and what fits together.
 */
export function checkedRtpParameters(input: Opaque, kind: types.MediaKind): types.RtpParameters {
  // The schema holds every property that mediasoup reads, with mime types and URIs as plain text, which it checks itself.
  const parameters = checkRtpParameters(input) as types.RtpParameters;
  if (!parameters.codecs.every(({ mimeType }) => mimeType.toLowerCase().startsWith(`${kind}/`))) throw refused(`parameters of ${kind}`);
  return parameters;
}

/** Throws INVALID_INPUT. */
export function checkedDtlsParameters(input: Opaque): types.DtlsParameters {
  return checkDtlsParameters(input);
}

/** Throws INVALID_INPUT, also for what mediasoup would refuse only later, at each consumer. */
export function checkedRtpCapabilities(input: Opaque): types.RtpCapabilities {
  // As above; a copy, because the next check fills in defaults.
  const capabilities = structuredClone(checkRtpCapabilities(input)) as types.RtpCapabilities;
  try {
    ortc.validateAndNormalizeRtpCapabilities(capabilities);
  } catch (error) {
    throw refused('RTP capabilities', error);
  }
  return capabilities;
}
