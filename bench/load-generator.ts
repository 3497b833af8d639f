/**
 * Keeps N clients busy over keep-alive connections for a while and prints what they got, as one JSON line.
 * Raw sockets: an HTTP client in Node costs more than the servers it measures. A process of its own:
 * `node load-generator.js <port> <path> <clients> <seconds> <body file>`
 * @module
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const [port = '', path = '', clients = '', seconds = '', bodyFile = ''] = process.argv.slice(2);
const body = readFileSync(bodyFile, 'latin1');
const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
const request = head + body;
const warmUpMs = 1_000;
const start = performance.now() + warmUpMs;
const end = start + Number(seconds) * 1_000;
const latencies: number[] = [];

/** One client: asks, reads one whole answer, asks again, until the time is over. */
function client(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1').setNoDelay(true);
    let received = '';
    let asked = 0;
    const ask = () => {
      asked = performance.now();
      socket.write(request, 'latin1');
    };
    socket.setEncoding('latin1');
    socket.on('connect', ask).on('error', reject);
    socket.on('data', (text) => {
      received += String(text);
      const bodyAt = received.indexOf('\r\n\r\n') + 4;
      if (bodyAt === 3 || received.length < bodyAt + Number(/content-length: (\d+)/i.exec(received)?.[1])) return;
      if (!received.startsWith('HTTP/1.1 200')) throw new Error(received);
      received = '';
      const now = performance.now();
      if (asked >= start && now <= end) latencies.push(now - asked);
      if (now < end) ask();
      else {
        socket.destroy();
        resolve();
      }
    });
  });
}

await Promise.all(Array.from({ length: Number(clients) }, client));
latencies.sort((a, b) => a - b);
const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? NaN;
console.log(JSON.stringify({ perSecond: latencies.length / Number(seconds), p50Ms: at(0.5), p99Ms: at(0.99) }));
