import { createSocket, type Socket } from 'node:dgram';

/** Seconds from 1900, where NTP begins, to 1970. */
const NTP_TO_UNIX = 2_208_988_800;

/** The answer of an NTP server (RFC 5905) that has the host's clock. */
export function ntpReply(request: Uint8Array, now = Date.now()): Buffer {
  const reply = Buffer.alloc(48);
  reply[0] = 0x24; // no leap second, version 4, server
  reply[1] = 1; // a primary server: clients refuse stratum 0
  Buffer.from(request).copy(reply, 24, 40, 48); // when the client sent
  for (const offset of [16, 32, 40]) {
    reply.writeUInt32BE(Math.floor(now / 1000) + NTP_TO_UNIX, offset);
    reply.writeUInt32BE(Math.floor(((now % 1000) / 1000) * 2 ** 32), offset + 4);
  }
  return reply;
}

/** Answers on a free local port while `carries()`; the virtual network's stand-in for every NTP host. */
export function startNtpServer(carries: () => boolean): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (request, from) => {
    if (carries()) socket.send(ntpReply(request), from.port, from.address);
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', () => resolve(socket));
  });
}
