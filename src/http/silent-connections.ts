/**
 * Connections on which no request has begun, such as those that browsers open ahead of need. To Node's server they are
 * not idle, and while TLS is still being agreed upon not even its own, so a server that stops would wait for them.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** @returns how to drop those of the moment. */
export function followSilent(server: Server): () => void {
  const silent = new Map<string, Socket>();
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket);
    silent.set(peer, socket);
    socket.once('close', () => silent.delete(peer));
  });
  // By the peer, because with TLS the socket of a request is another object than that of its connection.
  server.on('request', ({ socket }: IncomingMessage) => silent.delete(peerOf(socket)));
  return () => {
    for (const socket of silent.values()) socket.destroy();
  };
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
