// The faces against the real thing: `holdfast demo` at work on its real router, journal and carrier service, and a real browser. What
// passes against the mock must pass here too. Prints the rows of the bar that are measured here.
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launch, openPage, row, until, type Watched } from "./browser.ts";
import { freshness, press, tabTo } from "./hands.ts";
import { Wires } from "./wires.ts";

const BINARY = process.env["HOLDFAST_BINARY"] ?? ["../../target/release/holdfast", "../../target/debug/holdfast"].find((it) => existsSync(it)) ?? "";
const ms = (it: number): string => `${Math.round(it)} ms`;
const at = (sorted: number[], share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;

let browser: Browser;
let demo: ChildProcess;
let wires: Wires;
let origin = "";
let direct = "";
let token = "";

before(async () => {
  assert.ok(BINARY, "build the binary first: cargo build -p holdfast");
  demo = spawn(BINARY, ["demo", "--headless", "--seconds", "220", "--rate", "1"], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  demo.stderr?.on("data", (it: Buffer) => (said += it.toString()));
  await until("the demo says where its board is", () => /sign in at (http:\/\/\S+)\/board with (\S+)/.exec(said), Boolean, 30_000);
  const [, base = "", secret = ""] = /sign in at (http:\/\/\S+)\/board with (\S+)/.exec(said) ?? [];
  [direct, token] = [base, secret];
  wires = new Wires(Number(new URL(base).port));
  origin = await wires.listen();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  wires?.close();
  demo?.kill("SIGKILL");
});

/** Signs in as the operator, by the form, as a person does. */
async function board(script?: () => void): Promise<Watched> {
  const it = await openPage(browser, `${origin}/board`, {}, script);
  await it.page.waitForSelector("input[type=password], input[name=token]");
  await it.page.fill("input[type=password], input[name=token]", token);
  await it.page.keyboard.press("Enter");
  await it.page.waitForURL(/\/board/);
  await until("live", () => freshness(it.page), (now) => now === "live", 15_000);
  return it;
}

/** From the board to a desk of one's own, and to being available, by keyboard alone. */
async function sitDown(script?: () => void): Promise<Watched> {
  const it = await board(script);
  const { page } = it;
  await press(page, "form[action='/demo/be-a-counselor'] button");
  await page.waitForURL(/\/desk/);
  await press(page, "[data-start]");
  await page.waitForSelector(".checks");
  const heard = page.locator(".check:nth-child(3) button");
  await until("the ring can be judged", () => heard.count(), (count) => count >= 3);
  await press(page, ".check:nth-child(3) button:nth-of-type(2)");
  await page.waitForSelector("[data-available]:not([disabled]), [data-text-only]:not([disabled])");
  await press(page, "[data-available]:not([disabled]), [data-text-only]:not([disabled])");
  await page.waitForSelector(".desk-main");
  return it;
}

interface Painted { at_ms: number; painted_ms: number; type: string; offered: number[] }

/** Runs in the page before anything: notes when what a frame says has been painted. */
function watchFrames(): void {
  const painted: Painted[] = [];
  (window as unknown as { painted: Painted[] }).painted = painted;
  const Plain = window.Worker;
  window.Worker = class extends Plain {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      this.addEventListener("message", (event: MessageEvent<{ is: string; frame?: { type: string; at_ms: number; offers?: { state: string; deadline_ms: number }[] } }>) => {
        const frame = event.data.frame;
        if (event.data.is !== "frame" || !frame) return;
        const offered = (frame.offers ?? []).filter((it) => it.state === "open").map((it) => it.deadline_ms);
        requestAnimationFrame(() => painted.push({ at_ms: frame.at_ms, painted_ms: Date.now(), type: frame.type, offered }));
      });
    }
  };
}
const paintedIn = (page: Page): Promise<Painted[]> => page.evaluate(() => (window as unknown as { painted: Painted[] }).painted);
/** How long the demo's visitor has to answer: what an offer's deadline is counted from. */
const OFFER_MS = 30_000;

const desks = async (): Promise<number> => {
  const text = await (await fetch(`${direct}/metrics`)).text();
  return Number(/holdfast_ui_clients\{[^}]*"desk"[^}]*\} ([0-9.]+)/.exec(text)?.[1] ?? 0);
};

test("the board of a night: real numbers at once, fresh within the second, little work for the page", async () => {
  const first = await board(() => {
    // Rows that change places later are the night's doing, not the page's: only what moves while it opens is counted.
    const seen = { cls: 0, lcp: 0, until: Infinity };
    (window as unknown as { seen: typeof seen }).seen = seen;
    interface Shift { startTime: number; value: number; sources: { node: Node | null }[] }
    const within = (node: Node | null) => (node instanceof Element ? node : node?.parentElement)?.closest(".queues tbody") != null;
    // Rows that change places as people come and go are the board at work, and no page that jumps while it loads.
    const jumps = (it: Shift) => !it.sources.every(({ node }) => within(node));
    new PerformanceObserver((list) => {
      for (const it of list.getEntries() as unknown as Shift[]) if (it.startTime < seen.until && jumps(it)) seen.cls += it.value;
    }).observe({ type: "layout-shift", buffered: true });
    new PerformanceObserver((list) => { for (const it of list.getEntries()) seen.lcp = it.startTime; }).observe({ type: "largest-contentful-paint", buffered: true });
  });
  const { page, errors, elsewhere, context } = first;
  const opened: number[] = [];
  for (let time = 0; time < 5; time += 1) {
    await page.goto(`${origin}/board`);
    await page.waitForFunction(() => /\d/.test(document.querySelector(".tile .figure")?.textContent ?? ""), null, { polling: "raf" });
    opened.push(await page.evaluate(() => ((window as unknown as { seen: { until: number } }).seen.until = performance.now() + 500) - 500));
  }
  opened.sort((a, b) => a - b);
  await new Promise((done) => setTimeout(done, 2_000));
  const { cls, lcp } = await page.evaluate(() => (window as unknown as { seen: { cls: number; lcp: number } }).seen);
  row(2, `first real numbers ${ms(at(opened, 0.5))} (median of 5), LCP ${ms(lcp)}, CLS ${cls.toFixed(3)}`);
  assert.ok(cls <= 0.02, `CLS ${cls}`);

  const client = await context.newCDPSession(page);
  await client.send("Performance.enable", { timeDomain: "threadTicks" });
  const busy = async (): Promise<number> => {
    const { metrics } = await client.send("Performance.getMetrics");
    return (metrics.find((it) => it.name === "TaskDuration")?.value ?? 0) * 1_000;
  };
  const frames = page.evaluate(() => new Promise<number>((done) => {
    let count = 0;
    new MutationObserver(() => (count += 1)).observe(document.getElementById("app") ?? document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    setTimeout(() => done(count), 15_000);
  }));
  const from = await busy();
  const painted = await frames;
  const spent = (await busy()) - from;
  row(8, `${((spent / 15_000) * 100).toFixed(1)} % of one core, ${(spent / painted).toFixed(1)} ms of main thread for each of ${painted} batches of changes in 15 s`);
  assert.ok(painted > 5, "the board moves");
  assert.deepEqual(errors, []);
  assert.deepEqual(elsewhere, []);
  await context.close();
});

test("a shift on the real line: from the board to a desk, an offer, three answers, a peer, a write-up, by keyboard alone", async () => {
  const { page, errors, elsewhere, context } = await sitDown();
  await page.waitForSelector(".offer", { timeout: 30_000 });
  await page.keyboard.press("F2");
  await until("focus in the message box", () => page.evaluate(() => document.activeElement?.id), (it) => it === "compose");
  const lines = ["Hello, I am here.", "Tea sounds good. What kind?", "Would you like to talk with a peer?"];
  for (const [index, words] of lines.entries()) {
    await until("the person has written", () => page.locator(".bubble.theirs").count(), (it) => it > index, 20_000);
    await page.focus("#compose");
    await page.keyboard.type(words);
    await page.keyboard.press("Control+Enter");
    await until("sent", () => page.locator(".bubble.pending").count(), (it) => it === 0, 10_000);
  }
  await until("the carrier has all three", () => page.locator(".delivery.sent, .delivery.delivered").count(), (it) => it >= 3, 15_000);
  await until("the person has agreed", () => page.locator(".bubble.theirs").count(), (it) => it >= 4, 20_000);
  const said = await page.locator(".bubble-words").allTextContents();
  assert.ok(said.indexOf("Yes, please.") > said.indexOf(lines[2] ?? ""), `they answer what they were asked: ${JSON.stringify(said)}`);
  // A simulated peer withdraws now and then, or loses their desk: the handoff comes back, and is begun anew.
  const mayLeave = () => page.locator("button:text-is('Leave'):not([disabled])").count();
  for (let time = 0; time < 5 && (await mayLeave()) === 0; time += 1) {
    await page.keyboard.press("F10");
    if ((await page.locator(".handoff form button.primary").count()) === 0) await page.keyboard.press("F10");
    await press(page, ".handoff form button.primary");
    await page.waitForSelector("#handoff-note");
    assert.equal(await page.locator("button:text-is('Leave')").isDisabled(), true);
    await tabTo(page, "#handoff-note");
    await page.keyboard.type("Tea, and a quiet night.");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await until("may leave, or comes back", async () => (await mayLeave()) === 1 || (await page.locator(".handoff form button.primary").count()) > 0 && (await page.locator("#handoff-note").count()) === 0, Boolean, 30_000);
  }
  await until("may leave", mayLeave, (it) => it === 1, 5_000);
  await tabTo(page, ".handoff button.primary");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".wrap-up");
  await until("focus in the note", () => page.evaluate(() => document.activeElement?.id), (it) => it === "note");
  await page.keyboard.type("Went over to a peer.");
  await press(page, ".wrap-up > .row-actions .primary");
  await page.waitForSelector(".quiet-pane");
  row(12, "board → desk → offer → three answers → handoff → wrap-up, 0 uses of a mouse");
  assert.deepEqual(errors, []);
  assert.deepEqual(elsewhere, []);
  await context.close();
});

test("what happens is on the screen soon: figures on the board, an offer at the desk", async () => {
  const watching = await board(watchFrames);
  const { page, context } = await sitDown(watchFrames);
  for (let time = 0; time < 10; time += 1) {
    await page.waitForSelector(".offer", { timeout: 30_000 });
    await page.keyboard.press("Shift+F2");
    await until("not now", () => page.locator(".offer").count(), (it) => it === 0);
  }
  const shown = (await paintedIn(page)).flatMap((it) => it.offered.map((deadline) => it.painted_ms - (deadline - OFFER_MS))).sort((a, b) => a - b);
  const figures = (await paintedIn(watching.page)).filter((it) => it.type === "delta").map((it) => it.painted_ms - it.at_ms).sort((a, b) => a - b);
  row(4, `the board's figures are painted ${ms(at(figures, 0.5))} (p50), ${ms(at(figures, 0.99))} (p99) after the router's word, ${figures.length} updates`);
  row(5, `an offer is painted ${ms(at(shown, 0.5))} (p50), ${ms(shown.at(-1) ?? NaN)} (most of ${shown.length}) after it was decided`);
  assert.ok(shown.length >= 10 && figures.length >= 10);
  await watching.context.close();
  await context.close();
});

test("a line that is cut and mended on the real socket; a desk that is silent is lost within five seconds", async () => {
  const { page, context } = await sitDown();
  const late: number[] = [];
  const noticed: number[] = [];
  const mended: number[] = [];
  for (let time = 0; time < 3; time += 1) {
    const from = performance.now();
    wires.cut();
    await until("not live", () => freshness(page), (it) => it !== "live", 10_000);
    late.push(performance.now() - from);
    await until("lost", () => freshness(page), (it) => it === "lost", 10_000);
    noticed.push(performance.now() - from);
    assert.match((await page.textContent(".banner")) ?? "", /You will not be offered anyone\. Your conversation is safe\./);
    const back = performance.now();
    wires.mend();
    await until("live again", () => freshness(page), (it) => it === "live", 15_000);
    mended.push(performance.now() - back);
  }
  row(6, `a cut is Late after ${late.map(ms).join(", ")}, Lost after ${noticed.map(ms).join(", ")}; Live again ${mended.map(ms).join(", ")} after it is mended`);
  await until("one desk", desks, (it) => it === 1, 10_000);
  const from = performance.now();
  wires.silence(true);
  await until("the desk is lost", desks, (it) => it === 0, 8_000);
  row(7, `a desk whose wire is open and dumb is lost, and reported, after ${ms(performance.now() - from)}`);
  assert.ok(performance.now() - from <= 5_000);
  wires.mend();
  await context.close();
});

test("a browser that is killed gets no offers", async () => {
  const own = await launch();
  const keep = browser;
  browser = own;
  const { page } = await sitDown().finally(() => (browser = keep));
  await page.waitForSelector("[data-state]");
  await new Promise((done) => setTimeout(done, 1_500));
  assert.equal(await desks(), 1);
  const pid = await own.newBrowserCDPSession().then((it) => it.send("SystemInfo.getProcessInfo")).then((it) => it.processInfo.find((one) => one.type === "browser")?.id);
  assert.ok(pid);
  const from = performance.now();
  process.kill(pid, "SIGKILL");
  await until("the desk is lost", desks, (it) => it === 0, 8_000);
  row(7, `after kill -9 of the browser its desk is lost, and reported, after ${ms(performance.now() - from)}`);
  assert.ok(performance.now() - from <= 5_000);
});

test("the plain board needs no script and little room, and nobody who is not signed in", async () => {
  const plain = await fetch(`${direct}/board/plain`, { headers: { authorization: `Bearer ${token}` } });
  const html = await plain.text();
  row(21, `/board/plain ${(html.length / 1_024).toFixed(1)} KiB, no script`);
  assert.ok(plain.ok && html.length <= 30 * 1_024 && !/<script/.test(html));
  const stranger = await fetch(`${direct}/board/plain`, { redirect: "manual" });
  assert.ok([303, 401].includes(stranger.status), `${stranger.status}`);
});
