// Browser half of browser.test.ts: one person who sends a camera and microphone and shows what comes. `call(method, ...args)` is
// given by the test and reaches the media service. JavaScript, because the tests' type check knows no DOM.
import { Device } from 'mediasoup-client';

const consumers = new Map();
const elements = new Map();
let device;
let stream;
let transports = [];
let camera;
let screen;
let deaf = false;

const SIZE = { width: 640, height: 360 };

/**
 * A picture that flashes and a sound that beeps for 100 ms at every even second of this machine: what a fake camera and a fake
 * microphone do not do at once. The page must have been clicked on, else it may not sound.
 */
function beats() {
  const context = new AudioContext();
  const origin = Date.now() / 1000 - context.currentTime;
  const speaker = context.createMediaStreamDestination();
  const volume = new GainNode(context, { gain: 0 });
  volume.connect(speaker);
  const tone = new OscillatorNode(context, { frequency: 1_000 });
  tone.connect(volume);
  tone.start();
  const canvas = Object.assign(document.createElement('canvas'), SIZE);
  const drawing = canvas.getContext('2d');
  let scheduled = 0;
  let drawn = 0;
  setInterval(() => {
    const now = context.currentTime + origin;
    if (now > scheduled - 1) {
      scheduled = 2 * Math.floor(now / 2) + 2;
      volume.gain.setValueAtTime(1, scheduled - origin);
      volume.gain.setValueAtTime(0, scheduled - origin + 0.1);
    }
    const flash = now % 2 < 0.1;
    // At 25 Hz, but at once when it flashes.
    if (!flash && now - drawn < 0.04) return;
    drawn = now;
    drawing.fillStyle = flash ? 'white' : 'black';
    drawing.fillRect(0, 0, SIZE.width, SIZE.height);
    drawing.fillStyle = 'gray';
    drawing.fillRect((now * 100) % SIZE.width, 40, 40, 40);
  }, 10);
  return new MediaStream([...canvas.captureStream().getTracks(), ...speaker.stream.getTracks()]);
}

/** `beat`: sends flashes and beeps, and receives nothing. */
window.prepare = async ({ beat = false } = {}) => {
  const { rtpCapabilities } = await window.call('setup');
  device = await Device.factory();
  await device.load({ routerRtpCapabilities: rtpCapabilities });
  deaf = beat;
  stream = beat ? beats() : await navigator.mediaDevices.getUserMedia({ audio: true, video: SIZE });
};

window.enter = async () => {
  for (const transport of transports) transport.close();
  for (const element of elements.values()) element.remove();
  consumers.clear();
  elements.clear();
  const { entry } = await window.call('enter', device.recvRtpCapabilities);
  const send = device.createSendTransport(entry.send);
  const receive = device.createRecvTransport(entry.receive);
  transports = [send, receive];
  for (const transport of transports) {
    transport.on('connect', ({ dtlsParameters }, done, failed) => window.call('connect', transport.id, dtlsParameters).then(done, failed));
  }
  send.on('produce', ({ appData, rtpParameters }, done, failed) =>
    window.call('produce', appData.source, rtpParameters).then(({ producerId }) => done({ id: producerId }), failed),
  );
  await Promise.all(entry.consumers.map(window.addConsumer));
  const [audio] = stream.getAudioTracks();
  const [video] = stream.getVideoTracks();
  const encodings = [150_000, 500_000, 1_500_000].map((maxBitrate, index) => ({
    maxBitrate,
    scaleResolutionDownBy: 4 / 2 ** index,
    scalabilityMode: 'L1T3',
  }));
  await send.produce({ track: audio, appData: { source: 'microphone' }, stopTracks: false });
  camera = await send.produce({ track: video, encodings, appData: { source: 'camera' }, stopTracks: false });
};

/** The same picture as that of the camera, in full; and no longer. */
window.share = async () => {
  const [video] = stream.getVideoTracks();
  screen = await transports[0].produce({ track: video.clone(), appData: { source: 'screen' } });
};
window.unshare = () => screen.close();

/** Encodings of the camera above this one are not sent: what a browser does on a narrow line, or a slow machine. */
window.sendUpTo = (layer) => camera.setMaxSpatialLayer(layer);

/** How many packets of its own this person was asked for again. */
window.repeated = async () => {
  const stats = [...(await transports[0].getStats()).values()];
  return stats.reduce((sum, { type, retransmittedPacketsSent = 0 }) => sum + (type === 'outbound-rtp' ? retransmittedPacketsSent : 0), 0);
};

window.addConsumer = async ({ id, producerId, kind, rtpParameters }) => {
  if (deaf) return;
  const consumer = await transports[1].consume({ id, producerId, kind, rtpParameters });
  consumers.set(id, consumer);
  // Chromium decodes sound only when it is played.
  const element = Object.assign(document.createElement(kind), { autoplay: true, playsInline: true });
  element.srcObject = new MediaStream([consumer.track]);
  document.body.append(element);
  elements.set(id, element);
  await window.call('consume', [id]);
};

/** The share of pixels that are not nearly black. */
function brightShare(video) {
  if (!video.videoWidth) return 0;
  const canvas = new OffscreenCanvas(64, 36).getContext('2d');
  canvas.drawImage(video, 0, 0, 64, 36);
  const { data } = canvas.getImageData(0, 0, 64, 36);
  let bright = 0;
  for (let at = 0; at < data.length; at += 4) if (data[at] + data[at + 1] + data[at + 2] > 60) bright++;
  return bright / (data.length / 4);
}

window.measure = async () => {
  const result = { frames: 0, width: 0, bright: 0, audioEnergy: 0, remote: '', cipher: '' };
  for (const consumer of consumers.values()) {
    for (const report of (await consumer.getStats()).values()) {
      if (report.type !== 'inbound-rtp') continue;
      if (report.kind === 'video') Object.assign(result, { frames: report.framesDecoded ?? 0, width: report.frameWidth ?? 0 });
      else result.audioEnergy = report.totalAudioEnergy ?? 0;
    }
  }
  const stats = [...(await transports[1].getStats()).values()];
  const transport = stats.find((report) => report.type === 'transport');
  const pair = stats.find((report) => report.id === transport?.selectedCandidatePairId);
  const remote = stats.find((report) => report.id === pair?.remoteCandidateId);
  result.remote = remote ? `${remote.protocol} ${remote.address}` : '';
  result.cipher = transport?.srtpCipher ?? '';
  for (const video of document.querySelectorAll('video')) result.bright = Math.max(result.bright, brightShare(video));
  return result;
};
