// A way to the stack with bad weather on it: what clients must live through without losing an event or counting one twice.

import http from 'node:http';

/**
 * Passes requests on, but does to each of the first ones what the plan says:
 *   busy   429 with Retry-After, the stack never hears of it
 *   away   503, the stack never hears of it
 *   deaf   the stack takes it, and the answer is lost
 */
export async function weather(target, plan) {
  const left = [...plan];
  const seen = [];
  const to = new URL(target);
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const what = request.method === 'POST' ? left.shift() : undefined;
      if (request.method === 'POST') seen.push({ path: request.url, headers: request.headers, what: what ?? 'fine' });
      if (what === 'busy' || what === 'away') {
        response.writeHead(what === 'busy' ? 429 : 503, {
          'Retry-After': '1',
          'Access-Control-Allow-Origin': '*',
          'Access-Control-Expose-Headers': 'Retry-After',
        });
        response.end();
        return;
      }
      const onward = http.request(
        { host: to.hostname, port: to.port, method: request.method, path: request.url, headers: request.headers },
        (answer) => {
          if (what === 'deaf') {
            answer.resume();
            answer.on('end', () => request.socket.destroy());
            return;
          }
          response.writeHead(answer.statusCode, answer.headers);
          answer.pipe(response);
        },
      );
      onward.on('error', () => request.socket.destroy());
      onward.end(Buffer.concat(chunks));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** The requests that came, in order. */
    seen,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
