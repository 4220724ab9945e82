import type { Server } from 'node:http';

/** Binds a server to the loopback address only. Resolves with its URL; a taken port rejects with code EADDRINUSE. */
export function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(`http://127.0.0.1:${address.port}`);
      else reject(new Error('Cannot tell the port of a server that listens'));
    });
  });
}

/** Ends a server: open requests get a moment, idle connections none. */
export function stopServer(server: Server, graceMs = 1_000): Promise<void> {
  return new Promise((resolve) => {
    const limit = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(limit);
      resolve();
    });
    server.closeIdleConnections();
  });
}
