/** Socket.IO and nothing else: tells everybody connected, with or without a transaction of one locked row before. */
import { createServer } from 'node:http';
import pg from 'pg';
import { Server } from 'socket.io';
import { answer } from '../child.ts';
import { machineNow } from './machine-clock.ts';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 20 });
await pool.query('create table seat (id int primary key, status text not null)');
await pool.query('create table told (id bigserial primary key, data jsonb not null)');
await pool.query(`insert into seat values (1, 'pending')`);

/** About as long as what Muster tells of an admission. */
const data = { participantId: 'x'.repeat(36), outcome: 'approved', by: 'y'.repeat(20), text: 'z'.repeat(150) };

async function admit(): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('select * from seat where id = $1 for update', [1]);
    await client.query('update seat set status = $2 where id = $1', [1, 'approved']);
    await client.query('insert into told (data) values ($1)', [JSON.stringify(data)]);
    await client.query('commit');
  } finally {
    client.release();
  }
}

const server = createServer(async (request, response) => {
  if (request.url === '/admit') await admit();
  io.emit('change', { topic: 'meeting', seq: 1, name: 'waiting.left', data, at: machineNow() });
  response.setHeader('content-type', 'application/json').end('{}');
});
const io = new Server({ serveClient: false, perMessageDeflate: false });
io.attach(server);
const listening = Promise.withResolvers<string>();
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address && typeof address === 'object') listening.resolve(`http://127.0.0.1:${address.port}`);
});
answer({ origin: () => listening.promise });
