/** A recorder in a process of its own, to be killed: `node recorder-child.ts <folder> <clip>`; says `recording` when it does. */
import { createWorker } from 'mediasoup';
import { MEDIA_CODECS } from '../../media/codecs.ts';
import { Recorder } from '../../media/recorder/recorder.ts';
import { ensureWorker } from '../../media/worker/locate.ts';
import { feed } from './clip.ts';

const [folder = '', clip = ''] = process.argv.slice(2);
const worker = await createWorker({ workerBin: await ensureWorker() });
const router = await worker.createRouter({ mediaCodecs: MEDIA_CODECS });
const { audio, video } = await feed(router, clip);
const recorder = await Recorder.open({ folder, agreed: ['a'], paused: false, onFailed: (error) => console.log(`failed ${error.message}`) });
recorder.attach(router);
for (const producer of [audio, video]) recorder.offer({ peer: 'a', source: producer.kind === 'audio' ? 'microphone' : 'camera', producer });
console.log('recording');
