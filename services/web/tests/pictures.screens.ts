// Writes a picture of every screen, light and dark, to screens/. Run `npm run screens`, and look at them. The sign-in page and the plain
// board come from the binary, if it has been built; all else is told by the mock. `npm run screens -- desk` takes those with "desk" in
// their name.
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { executable, openPage } from "./browser.ts";
import { reloadInShift } from "./hands.ts";
import { indexed } from "./indexed_png.ts";
import { handoffOf } from "./mock/deeds.ts";
import { contactOf, conversation, offerTo } from "./mock/people.ts";
import { Mock } from "./mock/server.ts";
import { networkNow } from "./mock/clock.ts";
import { atDesk, busyBoard, call, joining, oneText, quietBoard, SHARED, twoTexts } from "./pictures_data.ts";
import { BINARY, giveToken, startDemo, type Demo } from "./real_demo.ts";

const out = path.resolve(path.dirname(new URL(import.meta.url).pathname), "../screens");
const only = process.argv[2] ?? "";
const THEMES = ["light", "dark"] as const;
/** How long a page has to come to rest. */
const REST_MS = 500;

interface Shot { name: string; path: string; set: (mock: Mock) => void; act?: (page: Page, mock: Mock) => Promise<unknown>; height?: number; width?: number }

const rest = (page: Page) => page.waitForTimeout(REST_MS);

const atWork = async (page: Page) => {
  await reloadInShift(page);
  await page.waitForSelector(".desk-main");
  await rest(page);
  const blocked = page.locator("[data-sound=blocked], [data-sound=off]");
  if (await blocked.count()) await blocked.first().click();
};
const written = "Monday is on your mind. Would it help to look at it together, one hour at a ";
const handoff = (change: Parameters<typeof handoffOf>[0]) => (mock: Mock) => twoTexts(mock, { handoff: handoffOf({ since_ms: networkNow() - 38_000, ...change }) });
const opened = (key: string, what: string) => async (page: Page) => {
  await atWork(page);
  await page.keyboard.press(key);
  await page.waitForSelector(what);
};
const lostBoard = async (page: Page, mock: Mock) => {
  await rest(page);
  mock.board.silent = true;
  await page.waitForSelector("[data-freshness=lost]");
};

const SHOTS: Shot[] = [
  { name: "board-busy", path: "/board", set: busyBoard, height: 900 },
  { name: "board-below", path: "/board", set: busyBoard, height: 900, act: (page) => page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight)) },
  { name: "board-row", path: "/board", set: busyBoard, height: 900, act: async (page) => {
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".panel");
  } },
  { name: "board-keys", path: "/board", set: busyBoard, height: 900, act: async (page) => { await page.keyboard.press("?"); await page.waitForSelector(".panel"); } },
  { name: "board-empty", path: "/board", set: quietBoard, height: 900 },
  { name: "board-lost", path: "/board", set: busyBoard, height: 900, act: lostBoard },
  { name: "board-es", path: "/board?lang=es", set: busyBoard, height: 900 },
  { name: "wall-busy", path: "/wall", set: busyBoard },
  { name: "wall-empty", path: "/wall", set: quietBoard },
  { name: "wall-lost", path: "/wall", set: busyBoard, act: lostBoard },
  { name: "desk-start", path: "/desk", set: () => undefined, act: async (page) => {
    await page.click("[data-start]");
    await page.waitForSelector(".checks");
    await rest(page);
    await page.locator(".check:nth-child(3) button:nth-of-type(2)").click();
  } },
  { name: "desk-empty", path: "/desk", set: (it) => atDesk(it), act: atWork },
  { name: "desk-busy", path: "/desk", set: oneText, act: async (page, mock) => {
    await atWork(page);
    await page.fill("#compose", written);
    offerTo(mock.desk, { queue: { region: "mountain", need: "veteran", channel: "text" }, returning: true });
    await page.waitForSelector(".offer");
  } },
  { name: "desk-whom", path: "/desk", set: twoTexts, act: opened("F10", ".whom") },
  { name: "desk-consent", path: "/desk", set: handoff({}), act: atWork },
  { name: "desk-handoff", path: "/desk", set: handoff({ state: "briefing", to_id: "rosa", note: SHARED }), act: atWork },
  { name: "desk-joining", path: "/desk", set: (it) => joining(it, false), act: atWork },
  { name: "desk-together", path: "/desk", set: handoff({ state: "together", to_id: "rosa", note: SHARED }), act: atWork },
  { name: "desk-together-peer", path: "/desk", set: (it) => joining(it, true), act: atWork },
  { name: "desk-call", path: "/desk", set: call, act: atWork },
  { name: "desk-wrap-up", path: "/desk", set: (it) => atDesk(it, contactOf({
    contact_id: "c1", state: "wrapping_up", part: "writing_up", outcome: "completed", wrap_up_ends_at_ms: networkNow() + 97_000, messages: conversation("c1"), messages_total: 7,
    arrived_at_ms: networkNow() - 490_000,
  })), act: atWork },
  { name: "desk-palette", path: "/desk", set: oneText, act: opened("Control+k", ".palette") },
  { name: "desk-keys", path: "/desk", set: oneText, act: opened("F1", ".panel") },
  { name: "desk-lost", path: "/desk", set: twoTexts, act: async (page, mock) => {
    await atWork(page);
    await rest(page);
    mock.accepting = false;
    mock.cut();
    await page.fill("#compose", "I am still here with you.");
    await page.keyboard.press("Control+Enter");
    await page.waitForSelector("[data-freshness=lost]", { timeout: 15_000 });
  } },
  { name: "desk-elsewhere", path: "/desk", set: (it) => { it.desk.lease = { terminate: () => undefined, send: () => undefined } as never; }, act: async (page) => {
    await reloadInShift(page);
    await page.waitForSelector("[data-use-here]");
  } },
  { name: "desk-over", path: "/desk", set: (it) => atDesk(it), act: async (page, mock) => {
    await atWork(page);
    mock.desk.end("signed_off");
    await page.waitForSelector("main form[action='/sign-out']");
  } },
  { name: "desk-narrow", path: "/desk", set: oneText, act: atWork, width: 360, height: 740 },
];

async function keep(page: Page, name: string, errors: string[]): Promise<void> {
  await rest(page);
  const png = indexed(await page.screenshot());
  await writeFile(path.join(out, `${name}.png`), png);
  console.log(`${name}.png ${Math.round(png.length / 1024)} KB ${errors.join("; ")}`);
}

const look = (theme: "light" | "dark", width = 1366, height = 768): BrowserContextOptions => ({ viewport: { width, height }, colorScheme: theme, permissions: [] });

async function take(browser: Browser, shot: Shot): Promise<void> {
  for (const theme of THEMES) {
    const mock = await new Mock().listen();
    shot.set(mock);
    const { page, context, errors } = await openPage(browser, mock.url + shot.path, look(theme, shot.width, shot.height));
    await rest(page);
    await shot.act?.(page, mock);
    await keep(page, `${shot.name}-${theme}`, errors);
    await context.close();
    await mock.close();
  }
}

/** What the binary serves by itself. The people there are the demo's. */
async function takeReal(browser: Browser, demo: Demo): Promise<void> {
  for (const theme of THEMES) {
    const { page, context, errors } = await openPage(browser, `${demo.url}/sign-in`, look(theme));
    await keep(page, `sign-in-${theme}`, errors);
    await giveToken(page, demo.token);
    await page.waitForSelector(".tile .figure");
    await page.goto(`${demo.url}/board/plain`);
    await keep(page, `board-plain-${theme}`, errors);
    await context.close();
  }
}

await mkdir(out, { recursive: true });
const real = ["sign-in", "board-plain"].some((it) => it.includes(only));
if (!only) for (const it of await readdir(out)) if (it.endsWith(".png") && (BINARY || !/^(sign-in|board-plain)/.test(it))) await rm(path.join(out, it));
// With scroll bars, as everybody sees it.
const browser = await chromium.launch({ ...(executable ? { executablePath: executable } : {}), args: ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"], ignoreDefaultArgs: ["--hide-scrollbars"] });
if (real && BINARY) {
  const demo = await startDemo(90);
  // Until there is something to see.
  await new Promise((done) => setTimeout(done, 20_000));
  await takeReal(browser, demo).finally(demo.kill);
} else if (real) console.log("sign-in and board-plain stay as they are: build the binary first (cargo build -p holdfast)");
for (const shot of SHOTS.filter((it) => it.name.includes(only))) await take(browser, shot);
await browser.close();
