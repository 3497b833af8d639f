/**
 * Checks the package as npm would publish it: publint, arethetypeswrong, every export imported, and what it weighs.
 *
 *     npm run package
 *
 * Exits with 1 when something is wrong.
 * @module
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('..', import.meta.url));
// Below the repository, so that the unpacked package finds its dependencies.
const folder = await mkdtemp(join(repository, 'dist', 'package-'));
const problems = [];
try {
  const { tarball, packed } = await pack();
  await lint(tarball);
  await checkTypes(tarball);
  await run('tar', ['xzf', tarball, '-C', folder]);
  const importMs = await importAll(join(folder, 'package'));
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  console.log(
    `packed ${megabytes(packed.size)}, unpacked ${megabytes(packed.unpackedSize)}, ${packed.entryCount} files`,
  );
  console.log(`import 'trainyard': ${importMs.toFixed(0)} ms`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

async function pack() {
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: repository,
    maxBuffer: 16e6,
  });
  const [packed] = Object.values(JSON.parse(stdout));
  return { tarball: join(folder, packed.filename), packed };
}

async function lint(tarball) {
  const bytes = new Uint8Array(await readFile(tarball)).buffer;
  const { messages, pkg } = await publint({ pack: { tarball: bytes }, strict: true });
  problems.push(...messages.map((message) => `publint: ${formatMessage(message, pkg)}`));
}

async function checkTypes(tarball) {
  const attw = join(repository, 'node_modules/.bin/attw');
  try {
    await run(attw, [tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji', '--no-color']);
  } catch (error) {
    problems.push(`arethetypeswrong:\n${error.stdout || error.message}`);
  }
}

/** Imports each export by its public name, in a process of its own; milliseconds that the root took. */
async function importAll(unpacked) {
  const { name, exports } = JSON.parse(await readFile(join(unpacked, 'package.json'), 'utf8'));
  let rootMs = NaN;
  for (const subpath of Object.keys(exports).filter((one) => !one.endsWith('.json'))) {
    const specifier = join(name, subpath);
    const code = `const from = performance.now(); await import('${specifier}'); console.log(performance.now() - from)`;
    try {
      const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: unpacked });
      if (subpath === '.') rootMs = Number(stdout);
    } catch (error) {
      problems.push(`import '${specifier}': ${error.stderr || error.message}`);
    }
  }
  return rootMs;
}
