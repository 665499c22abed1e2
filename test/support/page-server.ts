import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Only scripts of its own, no `eval`, and WebSockets to this machine: what a careful application would say. */
const POLICY = "default-src 'none'; script-src 'self'; connect-src ws://127.0.0.1:*";

/** Serves a page that runs one program, with a strict Content Security Policy. */
export class PageServer {
  readonly #server: Server;
  readonly origin: string;

  private constructor(server: Server) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(program: () => string): Promise<PageServer> {
    const server = createServer((request, response) => {
      const isProgram = request.url === '/page.js';
      response.writeHead(200, {
        'content-type': isProgram ? 'text/javascript' : 'text/html; charset=utf-8',
        'content-security-policy': POLICY,
      });
      response.end(
        isProgram
          ? program()
          : '<!doctype html><title>page</title><body><script type="module" src="/page.js"></script>',
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new PageServer(server);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}
