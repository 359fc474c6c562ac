// The barest page that does what ours does between "Join" and the first picture: connection, devices and codecs are ready before
// the click; sends the same three layers. JavaScript, because the tests' type check knows no DOM.
import { Device } from 'mediasoup-client';
import { io } from 'socket.io-client';

const socket = io({ transports: ['websocket'] });
const ask = (name, input = {}) => socket.emitWithAck(name, input);
const button = document.querySelector('button');
const device = await Device.factory();
const early = [];
let receive;

async function add(consumers) {
  const added = consumers.map(async ({ id, producerId, kind, rtpParameters }) => {
    const consumer = await receive.consume({ id, producerId, kind, rtpParameters });
    const element = Object.assign(document.createElement(kind), { autoplay: true, playsInline: true, muted: kind === 'video' });
    element.dataset.remote = '';
    element.srcObject = new MediaStream([consumer.track]);
    document.body.append(element);
  });
  await Promise.all(added);
  if (consumers.length > 0) await ask('resume', { ids: consumers.map(({ id }) => id) });
}

function transport(make, description) {
  const made = device[make](description);
  made.on('connect', ({ dtlsParameters }, done, failed) => ask('connectTransport', { id: made.id, dtlsParameters }).then(done, failed));
  return made;
}

async function join(stream) {
  const entry = await ask('join', { rtpCapabilities: device.recvRtpCapabilities });
  receive = transport('createRecvTransport', entry.receive);
  void add([...entry.consumers, ...early.splice(0)]);
  const send = transport('createSendTransport', entry.send);
  send.on('produce', ({ kind, rtpParameters }, done, failed) => ask('produce', { kind, rtpParameters }).then(done, failed));
  const encodings = [150_000, 500_000, 1_500_000].map((maxBitrate, layer) => ({
    rid: `r${layer}`,
    scaleResolutionDownBy: 2 ** (2 - layer),
    maxBitrate,
    scalabilityMode: 'L1T3',
  }));
  const [audio] = stream.getAudioTracks();
  const [video] = stream.getVideoTracks();
  await send.produce({ track: audio, codecOptions: { opusDtx: true, opusFec: true, opusStereo: false } });
  await send.produce({ track: video, encodings, codecOptions: { videoGoogleStartBitrate: 1_000 } });
}

socket.on('consumer', (consumer) => (receive ? void add([consumer]) : early.push(consumer)));
const [{ rtpCapabilities }, stream] = await Promise.all([
  ask('capabilities'),
  navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    video: { width: 1280, height: 720, frameRate: 30 },
  }),
]);
await device.load({ routerRtpCapabilities: rtpCapabilities });
const preview = Object.assign(document.createElement('video'), { autoplay: true, muted: true, width: 320, srcObject: stream });
document.body.append(preview);
button.addEventListener('click', () => void join(stream), { once: true });
button.disabled = false;
