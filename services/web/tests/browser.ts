// Debian's Chromium for the tests: one browser, a fresh context for each page, and what every page must keep: no word to anybody but its
// own server, nothing against the Content-Security-Policy, no error.
import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";

const PATHS = [process.env["HOLDFAST_CHROMIUM"], process.env["PLAYWRIGHT_CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--autoplay-policy=no-user-gesture-required"];

export const executable = PATHS.find((it): it is string => Boolean(it) && existsSync(it ?? ""));

export function launch(): Promise<Browser> {
  if (!executable) throw new Error("no Chromium: install it (Debian: apt-get install chromium) or name it in HOLDFAST_CHROMIUM");
  return chromium.launch({ executablePath: executable, args: ARGS });
}

export interface Watched { page: Page; context: BrowserContext; errors: string[]; elsewhere: string[] }

export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}, script?: () => void): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, locale: "en-US", reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const errors: string[] = [];
  const elsewhere: string[] = [];
  const host = new URL(url).host;
  page.on("pageerror", (it) => errors.push(String(it)));
  page.on("console", (it) => { if (it.type() === "error" && !/WebSocket|ERR_CONNECTION|404/.test(it.text())) errors.push(it.text()); });
  page.on("request", (it) => { if (new URL(it.url()).host !== host && !it.url().startsWith("data:")) elsewhere.push(it.url()); });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (it) => console.error(`CSP: ${it.violatedDirective} ${it.blockedURI}`));
  });
  if (script) await page.addInitScript(script);
  await page.goto(url);
  return { page, context, errors, elsewhere };
}

/** Prints a measured row of the bar of the pages (ARCHITECTURE.md). */
export const row = (number: number, what: string): void => console.log(`BAR row ${number}: ${what}`);

/** Something to close when a test is over, however it ends. */
export interface Ends { after(run: () => Promise<void>): void }

/** Waits until it holds; says what it was when it did not. */
export async function until<T>(what: string, read: () => T | Promise<T>, holds: (it: T) => boolean = Boolean, ms = 8_000): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const it = await read();
    if (holds(it)) return it;
    if (performance.now() > end) throw new Error(`${what}: still ${JSON.stringify(it)} after ${ms} ms`);
    await new Promise((done) => setTimeout(done, 25));
  }
}
