import type { Socket } from 'node:net';

/**
 * Resets a connection, and at once. Of a socket whose last bytes are still on their way Node waits with the
 * reset, and never closes its handle when it is destroyed meanwhile: the process may then not end, seen with
 * Node 20.20. Such a one is closed instead.
 */
export function breakOff(socket: Socket): void {
  if (socket.writableLength > 0 || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
