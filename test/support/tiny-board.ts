import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import type { Pair } from '../../demo/certificates';
import { VirtualBoard, type VirtualBoardOptions } from '../../simulator';

const noFirmware = mkdtempSync(join(tmpdir(), 'mqboard-no-firmware-'));
process.once('exit', () => rmSync(noFirmware, { recursive: true }));

/** First lines of a program that needs the network. */
export const JOIN_WIFI = `
import network, time
wlan = network.WLAN(network.STA_IF)
wlan.active(True)
wlan.connect("virtual", "virtual")
while not wlan.isconnected():
    time.sleep_ms(5)
`;

/** A board that runs nothing but the given main.py. */
export function tinyBoard(main: string, options: Partial<VirtualBoardOptions> = {}): VirtualBoard {
  const { files, ...rest } = options;
  return new VirtualBoard({
    url: 'mqtt://localhost',
    prefix: 'tiny',
    firmware: noFirmware,
    files: { 'main.py': main, ...files },
    ...rest,
  });
}

/** A TCP or TLS server that sends back what it gets, and remembers who is connected. */
export async function echoServer(certificate?: Pair) {
  const sockets = new Set<Socket>();
  const received: Buffer[] = [];
  const welcome = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (data) => received.push(data));
    socket.pipe(socket);
  };
  const server = certificate ? createTlsServer(certificate, welcome) : createServer(welcome);
  server.on('tlsClientError', () => {}); // a board that does not trust us hangs up
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    received: () => Buffer.concat(received).toString(),
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
