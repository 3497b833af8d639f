/** Mocha's `spec` reporter, and a closing line that any tool can read; kept in a file for those who print it later. @module */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import mocha, { type MochaOptions, type Runner } from 'mocha';

const file = fileURLToPath(new URL('../../test-result.txt', import.meta.url));

/** Prints `N passed, N failed, N skipped` last. */
export default class ClosingLineReporter extends mocha.reporters.Spec {
  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options);
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      const line = `${passes} passed, ${failures} failed, ${pending} skipped\n`;
      process.stdout.write(line);
      writeFileSync(file, line);
    });
  }
}
