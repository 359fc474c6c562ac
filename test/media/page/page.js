// Browser half of browser.test.ts: one person who sends a camera and microphone and shows what comes. `call(method, ...args)` is
// given by the test and reaches the media service. JavaScript, because the tests' type check knows no DOM.
import { Device } from 'mediasoup-client';

const consumers = new Map();
const elements = new Map();
let device;
let stream;
let transports = [];

window.prepare = async () => {
  const { rtpCapabilities } = await window.call('setup');
  device = await Device.factory();
  await device.load({ routerRtpCapabilities: rtpCapabilities });
  stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 360 } });
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
  await send.produce({ track: video, encodings, appData: { source: 'camera' }, stopTracks: false });
};

window.addConsumer = async ({ id, producerId, kind, rtpParameters }) => {
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
