/** The measure for the fan-out: a bare `ws` server that sends what one connection sends to all others. */
import { WebSocket, WebSocketServer } from 'ws';

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.on('message', (message: Buffer, isBinary) => {
    if (!isBinary) return socket.send(`${process.cpuUsage().user + process.cpuUsage().system}`);
    for (const client of server.clients) {
      if (client !== socket && client.readyState === WebSocket.OPEN) client.send(message);
    }
    socket.send('done');
  });
});
server.on('listening', () => process.send?.({ port: (server.address() as { port: number }).port }));
