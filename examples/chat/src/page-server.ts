import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { extname, join, normalize } from 'node:path';

/** What a page may do: run its own scripts, and talk to servers of this machine. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self' ws://127.0.0.1:*; form-action 'none'";

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

export interface PageServerOptions {
  readonly port: number;
  /** Where the bundled page is. */
  readonly directory: string;
  /** Where the page finds the cluster: it is asked for as `/cluster.json`. */
  readonly addresses: readonly string[];
}

/** Serves the files of the page. */
export function startPageServer({ addresses, directory, port }: PageServerOptions): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const answer = (status: number, type: string, body: string | Uint8Array): void => {
      response.writeHead(status, {
        'content-type': type,
        'content-security-policy': POLICY,
        'x-content-type-options': 'nosniff',
      });
      response.end(body);
    };
    if (pathname === '/cluster.json') return answer(200, 'application/json', JSON.stringify(addresses));
    const type = TYPES[extname(pathname === '/' ? '/index.html' : pathname)];
    // A URL has no way up: what is left of one after normalize() stays below the directory.
    const path = join(directory, normalize(pathname === '/' ? '/index.html' : pathname));
    if (type === undefined) return answer(404, 'text/plain', 'not found');
    readFile(path).then(
      (bytes) => answer(200, type, bytes),
      () => answer(404, 'text/plain', 'not found'),
    );
    return undefined;
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
