/** A headless Chromium for tests of pages: the one that draws the pictures of the docs. @module */
import { execFileSync } from 'node:child_process';

/** A page in it. */
export interface BrowserPage {
  goTo(url: string): Promise<unknown>;
  evaluate(expression: string): Promise<unknown>;
  /** Until the expression is true in the page. */
  until(expression: string): Promise<void>;
  screenshot(): Promise<Buffer>;
}

type WithPage = <Result>(
  options: { readonly width: number; readonly height: number; readonly scheme?: 'light' | 'dark' },
  work: (page: BrowserPage) => Promise<Result>,
) => Promise<Result>;

/** The driver; skips the test, and says so, on a machine without Chromium. */
export async function browserOr(test: Mocha.Context): Promise<WithPage> {
  const chromium = process.env['CHROMIUM'] ?? 'chromium';
  try {
    execFileSync(chromium, ['--version'], { stdio: 'ignore' });
  } catch {
    console.log(`      skipped: no ${chromium} on this machine (Debian: apt-get install chromium; else CHROMIUM=path)`);
    test.skip();
  }
  // dist/test/support → tools: it is not compiled.
  const driver = new URL('../../../tools/capture/browser.mjs', import.meta.url).href;
  const { withPage } = (await import(driver)) as { withPage: WithPage };
  return withPage;
}
