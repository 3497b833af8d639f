/** Temporal's time-skipping test server, from Maven Central: weeks pass in milliseconds while nothing runs. @module */
import { execFile } from 'node:child_process';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { quietRuntime } from './engine.js';

const run = promisify(execFile);

const version = '1.38.0';

/** What Maven is asked for: the server and all that it stands on. */
const pom = `<project><modelVersion>4.0.0</modelVersion><groupId>t</groupId><artifactId>t</artifactId><version>1</version><dependencies>
<dependency><groupId>io.temporal</groupId><artifactId>temporal-test-server</artifactId><version>${version}</version></dependency>
</dependencies></project>`;

/** Its jars in the user's cache, and a server of one's own. Skips the test, and says so, on a machine without Java and Maven. */
export async function timeSkippingOr(test: Mocha.Context): Promise<TestWorkflowEnvironment> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'trainyard');
  const folder = join(cache, `temporal-test-server-${version}`);
  if (!existsSync(folder)) {
    try {
      await run('java', ['-version']);
      await run('mvn', ['-version']);
    } catch {
      console.log(
        '      skipped: no Java with Maven on this machine (Debian: apt-get install default-jre-headless maven)',
      );
      test.skip();
    }
    const fresh = `${folder}-${process.pid}`;
    await mkdir(fresh, { recursive: true });
    await writeFile(join(fresh, 'pom.xml'), pom);
    await run('mvn', [
      '-q',
      '-B',
      '-f',
      join(fresh, 'pom.xml'),
      'dependency:copy-dependencies',
      '-DoutputDirectory=lib',
    ]);
    // Temporal's SDK starts it as an executable with the port as its argument.
    const start = `#!/bin/sh\nexec java -cp "$(dirname "$0")/lib/*" io.temporal.testserver.TestServer "$@" 2>/dev/null\n`;
    await writeFile(join(fresh, 'server'), start);
    await chmod(join(fresh, 'server'), 0o755);
    // Renamed when it is whole; two test runs at once make it twice, and the first one stays.
    await rename(fresh, folder).catch(() => rm(fresh, { recursive: true }));
  }
  quietRuntime();
  return TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: join(folder, 'server') } },
  });
}
