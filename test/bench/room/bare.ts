/** Socket.IO and nothing else: a room that one enters, and that hears what is said in it. */
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { answer } from '../child.ts';

/** About as long as what Muster tells of a person and of a message. */
const person = { id: 'x'.repeat(36), displayName: 'y'.repeat(12), role: 'attendee', status: 'joined', handRaisedAt: null };

const server = createServer();
const io = new Server({ serveClient: false, perMessageDeflate: false });
io.on('connection', (socket) => {
  socket.on('join', (_: unknown, reply: (answer: unknown) => void) => {
    socket.join('room');
    io.to('room').emit('change', { topic: 'meeting', seq: 1, name: 'joined', data: { person } });
    reply({ people: Array.from({ length: io.engine.clientsCount }, () => person) });
  });
  socket.on('say', (text: string, reply: (answer: unknown) => void) => {
    io.to('room').emit('change', { topic: 'meeting', seq: 1, name: 'chat', data: { person, text } });
    reply({});
  });
});
io.attach(server);
const listening = Promise.withResolvers<string>();
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address && typeof address === 'object') listening.resolve(`http://127.0.0.1:${address.port}`);
});
answer({ origin: () => listening.promise });
