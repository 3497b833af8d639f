/**
 * Keeps N clients busy over keep-alive connections for a while and prints what they got, as one JSON line.
 * Raw sockets, one prebuilt request and one buffer a client: 17 µs of CPU a request, so that the servers are measured, not
 * this. A process of its own: `node load-generator.js <port> <path> <clients> <seconds> <body file>`
 * @module
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';

const [port = '', path = '', clients = '', seconds = '', bodyFile = ''] = process.argv.slice(2);
const body = readFileSync(bodyFile);
const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
const request = Buffer.concat([Buffer.from(head), body]);
const answerBytes = 65_536;
/** As long as V8 takes to compile what is hot, on a busy machine too. */
const warmUpMs = 2_000;
const start = performance.now() + warmUpMs;
const end = start + Number(seconds) * 1_000;
const latencies: number[] = [];
let requests = 0;

/** One client: asks, reads one whole answer, asks again, until the time is over. */
function client(): Promise<void> {
  return new Promise((resolve, reject) => {
    const answer = Buffer.allocUnsafe(answerBytes);
    let received = 0;
    let expected = NaN;
    let asked = 0;
    const ask = () => {
      received = 0;
      expected = NaN;
      asked = performance.now();
      socket.write(request);
    };
    const take = (bytes: number, chunk: Uint8Array) => {
      answer.set(chunk.subarray(0, bytes), received);
      received += bytes;
      if (Number.isNaN(expected)) expected = answerLength(answer.toString('latin1', 0, received));
      if (!(received >= expected)) return true;
      requests++;
      const now = performance.now();
      if (asked >= start && now <= end) latencies.push(now - asked);
      if (now < end) ask();
      else {
        socket.destroy();
        resolve();
      }
      return true;
    };
    const onread = { buffer: Buffer.allocUnsafe(answerBytes), callback: take };
    const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true, onread });
    socket.on('connect', ask).on('error', reject);
  });
}

/** Bytes of the whole answer, NaN before its head is complete. */
function answerLength(text: string): number {
  const bodyAt = text.indexOf('\r\n\r\n') + 4;
  if (bodyAt === 3) return NaN;
  if (!text.startsWith('HTTP/1.1 200')) throw new Error(text);
  return bodyAt + Number(/content-length: (\d+)/i.exec(text)?.[1]);
}

await Promise.all(Array.from({ length: Number(clients) }, client));
latencies.sort((a, b) => a - b);
const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? NaN;
const perSecond = latencies.length / Number(seconds);
console.log(JSON.stringify({ perSecond, requests, p50Ms: at(0.5), p99Ms: at(0.99) }));
