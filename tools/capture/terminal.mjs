/**
 * Takes two pictures of a real `npm start`: while it trains and when it is done. Needs tmux, which keeps the screen.
 *
 *     node tools/capture/terminal.mjs        # writes docs/images/training.svg and docs/images/start.svg
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { screenToSvg } from './screen-to-svg.mjs';

const columns = 104;
const rows = 40;
const patienceMs = 300_000;
const repository = fileURLToPath(new URL('../..', import.meta.url));
const socket = `trainyard-capture-${process.pid}`;
const done = '[done]';

const tmux = (...args) => execFileSync('tmux', ['-u', '-L', socket, ...args], { encoding: 'utf8' });
const screenshot = () => tmux('capture-pane', '-p', '-e', '-t', 'start');

// npm's own two lines say nothing: --silent leaves them out.
const command = `printf '$ npm start\\n'; npm --silent start; printf '${done}'; exec sleep 600`;
tmux('new-session', '-d', '-s', 'start', '-x', String(columns), '-y', String(rows), '-c', repository, command);
try {
  const screens = [];
  for (const end = Date.now() + patienceMs; !screens.at(-1)?.includes(done); await delay(150)) {
    if (Date.now() > end) throw new Error(`npm start took longer than ${patienceMs / 1_000} s:\n${screens.at(-1)}`);
    screens.push(screenshot());
  }
  const training = screens.filter((screen) => /loss .*[▁-█].*\d/.test(screen) && /s left/.test(screen));
  write('training.svg', 'npm start, while it trains', training.at(Math.floor(training.length * 0.5)));
  write('start.svg', 'npm start', screens.at(-1).replace(done, ''));
} finally {
  tmux('kill-server');
}

function write(name, title, screen) {
  if (screen === undefined) throw new Error(`no screen for ${name}`);
  writeFileSync(new URL(`../../docs/images/${name}`, import.meta.url), screenToSvg(screen, { title, columns }));
}
