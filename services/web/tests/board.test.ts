// The board while it changes: whoever reads keeps their place, the order is held until they ask, nobody is flooded with words, and a gap
// in the numbers is mended.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launch, openPage, row, until, type Ends } from "./browser.ts";
import { listenToRegions, told } from "./hands.ts";
import { makeBusy, makeEmpty } from "./mock/busy.ts";
import { Mock } from "./mock/server.ts";

let browser: Browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

async function board(t: Ends, set: (mock: Mock) => void = (it) => makeBusy(it.board), query = ""): Promise<{ mock: Mock; page: Page; errors: string[]; elsewhere: string[] }> {
  const mock = await new Mock().listen();
  t.after(() => mock.close());
  set(mock);
  const it = await openPage(browser, `${mock.url}/board${query}`, {}, listenToRegions);
  t.after(() => it.context.close());
  await it.page.waitForSelector(".tile .figure");
  return { mock, ...it };
}

const order = (page: Page) => page.locator(".queues tbody tr").evaluateAll((all) => all.map((it) => it.getAttribute("data-key") ?? ""));
const here = (page: Page) => page.evaluate(() => document.activeElement?.closest("[data-key]")?.getAttribute("data-key"));

test("focus and scroll survive a hundred updates and a re-order, which is held until asked for", async (t) => {
  const { mock, page, errors, elsewhere } = await board(t);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  const before = await order(page);
  assert.equal(await here(page), before[2]);
  await page.evaluate(() => scrollTo(0, 120));
  for (let at = 0; at < 100; at += 1) {
    const rows = mock.board.queues.slice(0, 20).map((it) => ({ ...it, waiting: it.waiting + 1 }));
    const keys = mock.board.queues.map((it) => it.key);
    mock.board.change({ queues: rows, order: at % 2 ? keys : [...keys.slice(1), ...keys.slice(0, 1)] });
  }
  await until("the last update is on the screen", () => page.locator(`[data-key="${before[2]}"] td`).nth(1).textContent(), (it) => Number(it) > 20);
  assert.equal(await here(page), before[2]);
  assert.equal(await page.evaluate(() => scrollY), 120);
  assert.deepEqual(await order(page), before, "the order is held");
  row(19, "focus, scroll and order unchanged over 100 updates and a re-order");
  assert.match((await page.textContent(".order-changed")) ?? "", /Order changed \(\d+\)/);
  await page.keyboard.press("o");
  await until("the new order", async () => (await order(page)).join() !== before.join(), Boolean);
  assert.deepEqual(errors, []);
  assert.deepEqual(elsewhere, []);
});

test("an order that nobody reads is applied by itself; one that somebody asked for keeps focus on its row", async (t) => {
  const { mock, page } = await board(t);
  const before = await order(page);
  mock.board.change({ order: [...mock.board.queues.map((it) => it.key)].reverse() });
  await until("applied", () => order(page), (it) => it.join() !== before.join());
  await page.keyboard.press("j");
  const key = await here(page);
  mock.board.change({ order: [...mock.board.queues.map((it) => it.key)].reverse() });
  await page.waitForSelector(".order-changed button");
  await page.keyboard.press("o");
  await until("applied", () => page.locator(".order-changed button").count(), (it) => it === 0);
  await until("focus is on the same row", () => here(page), (it) => it === key || it === undefined);
});

test("a row that leaves the list and comes back while the order is held shows what it is now", async (t) => {
  const { mock, page } = await board(t);
  const row = mock.board.queues[3];
  assert.ok(row);
  await page.focus(`[data-key="${row.key}"] .row-name`);
  mock.board.change({ gone: [row.key] });
  await until("gone", () => page.getAttribute(`tr[data-key="${row.key}"]`, "class"), (it) => / gone/.test(it ?? ""));
  mock.board.change({ queues: [{ ...row, waiting: 555, severity: "act", longest_since_ms: 0 }], order: mock.board.queues.map((it) => it.key) });
  await until("back", () => page.getAttribute(`tr[data-key="${row.key}"]`, "class"), (it) => / *act/.test(it ?? "") && !/gone/.test(it ?? ""));
  assert.equal(await page.locator(`tr[data-key="${row.key}"] td`).nth(1).textContent(), "555");
  assert.match((await page.locator(`tr[data-key="${row.key}"] td`).first().textContent()) ?? "", /Act/);
});

test("a screen reader is not flooded: severities that flap say nothing for half a minute, a summary comes when asked", async (t) => {
  const { mock, page } = await board(t);
  for (let at = 0; at < 24; at += 1) {
    mock.board.change({ queues: mock.board.queues.slice(0, 10).map((it) => ({ ...it, severity: at % 2 ? "ok" : "act" })) });
    await new Promise((done) => setTimeout(done, 125));
  }
  assert.deepEqual(await told(page, "polite"), []);
  assert.deepEqual(await told(page, "assertive"), []);
  await page.keyboard.press("s");
  const said = await until("a summary", () => told(page, "polite"), (it) => it.length === 1);
  assert.match(said[0] ?? "", /people are waiting\. Longest wait .*answered in 20 seconds\. 6 counselors are free\. 3 decisions are open\./);
  assert.equal(await page.locator("table [aria-live]:not([aria-live=off]), table [role=status]").count(), 0);
});

test("a gap in the numbers asks for everything anew", async (t) => {
  const { mock, page } = await board(t);
  const first = mock.board.queues[0];
  assert.ok(first);
  mock.board.change({ queues: [{ ...first, waiting: 777 }] }, 3);
  await until("asked", () => mock.board.said.some((it) => it.say === "resync"), Boolean);
  await until("mended", () => page.locator(`[data-key="${first.key}"] td`).nth(1).textContent(), (it) => it === "777");
});

test("paused: nothing moves, what is held is counted, and going on catches up", async (t) => {
  const { mock, page } = await board(t);
  const figure = () => page.textContent(".tile .figure");
  const before = await figure();
  await page.keyboard.press("p");
  mock.board.change({ tiles: { ...mock.board.tiles, waiting: { value: 99, severity: "act" } } });
  await until("counted", () => page.textContent("button[aria-pressed=true]"), (it) => /1 change held/.test(it ?? ""));
  assert.equal(await figure(), before);
  await page.keyboard.press("p");
  await until("caught up", figure, (it) => it === "99");
});

test("decisions are acknowledged and help is answered, by those who may", async (t) => {
  const { mock, page } = await board(t);
  // Somebody who asks for help comes first, under the same key.
  await page.keyboard.press("a");
  await page.keyboard.press("Enter");
  await until("help", () => mock.board.said.some((it) => it.say === "answer_help" && it.counselor_id === "rosa"), Boolean);
  await until("no longer asked", () => page.locator("button:text-is('I will help')").count(), (it) => it === 0);
  await page.keyboard.press("a");
  await page.keyboard.press("Enter");
  await until("acknowledged", () => mock.board.said.some((it) => it.say === "acknowledge" && it.decision === "d2"), Boolean);
  await until("said who", () => page.locator(".decision", { hasText: "Seen by ana" }).count(), (it) => it === 3);
});

const helpButton = "button:text-is('I will help')";
const offered = (page: Page) => page.getAttribute(helpButton, "aria-disabled");
const answers = (mock: Mock) => mock.board.said.filter((it) => it.say === "answer_help");

test("help is not answered into a line that is cut: the button says why, keeps focus, and is there again with the line", async (t) => {
  const { mock, page } = await board(t);
  await page.focus(helpButton);
  mock.accepting = false;
  mock.cut();
  await until("shut", () => offered(page), (it) => it === "true");
  const why = await page.getAttribute(helpButton, "aria-describedby");
  assert.equal(await page.textContent(`#${why}`), "Not connected: this cannot be sent just now.");
  await page.keyboard.press("Enter");
  await until("told", () => told(page, "polite"), (it) => it.some((words) => words.startsWith("Not connected: this was not sent.")));
  mock.accepting = true;
  await until("open again", () => offered(page), (it) => it === "false", 12_000);
  assert.equal(answers(mock).length, 0, "what was refused does not come true later");
  await page.keyboard.press("Enter");
  await until("answered", () => answers(mock).length, (it) => it === 1);
  await until("the keyboard goes on", () => page.evaluate(() => document.activeElement?.id), (it) => it === "decisions");
});

test("an answer to help that a cut took is on its way, and said again under its own id", async (t) => {
  const { mock, page } = await board(t);
  mock.board.deaf = true;
  await page.focus(helpButton);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await until("heard", () => answers(mock).length, (it) => it === 1);
  assert.equal(await offered(page), "true");
  assert.match((await page.textContent(".decision")) ?? "", /On its way/);
  mock.board.deaf = false;
  mock.cut();
  await until("answered", () => page.locator(helpButton).count(), (it) => it === 0);
  const [one, two] = answers(mock);
  assert.equal(answers(mock).length, 2);
  assert.equal(one?.request_id, two?.request_id);
});

test("an answer to help that nobody confirmed is said to be so", async (t) => {
  const { mock, page } = await board(t);
  mock.board.deaf = true;
  await page.focus(helpButton);
  await page.keyboard.press("Enter");
  await until("heard", () => answers(mock).length, (it) => it === 1);
  mock.accepting = false;
  mock.cut();
  await until("told", () => told(page, "polite"), (it) => it.some((words) => words.startsWith("Not confirmed: it may not have been done.")), 16_000);
  assert.match((await page.textContent(".banners")) ?? "", /Not confirmed/);
});

test("what the server says no to is told in the reader's language", async (t) => {
  for (const [lang, known] of [["en", /^This request for help is over\./], ["es", /^Esta petición de ayuda ya terminó\./]] as const) {
    const { mock, page } = await board(t, (it) => makeBusy(it.board), `?lang=${lang}`);
    mock.board.refused.set("answer_help", { reason: "no_help_asked", message: "Words of the server." });
    await page.click("[data-acknowledge=d1]");
    await until("told", () => told(page, "polite"), (it) => it.some((words) => known.test(words)));
    assert.ok(!((await page.textContent(".banners")) ?? "").includes("Words of the server."));
    mock.board.refused.set("answer_help", { reason: "something_new", message: "Words of the server." });
    await page.click("[data-acknowledge=d1]");
    await until("told", () => page.textContent(".banners"), (it) => Boolean(it?.includes("Words of the server.")));
  }
});

test("filters and sort live in the address and say what they hide", async (t) => {
  const { page } = await board(t);
  await page.selectOption("#filter-region", "south");
  assert.match(page.url(), /region=south/);
  await until("only those", () => order(page), (it) => it.length > 0 && it.every((key) => key.startsWith("south/")));
  assert.match((await page.textContent(".filters .chip")) ?? "", /urgent queue/);
  await page.click("th button:has-text('Waiting')");
  assert.match(page.url(), /sort=waiting/);
  await page.reload();
  await until("kept", () => order(page), (it) => it.length > 0 && it.every((key) => key.startsWith("south/")));
  assert.equal(await page.getAttribute("th[aria-sort=descending] button", "class"), "head");
});

test("forty rows until all are asked for; Enter opens the row's counts; the lines have a table", async (t) => {
  const { mock, page } = await board(t);
  assert.equal((await order(page)).length, 40);
  await page.click("button:has-text('Show all 60')");
  await until("all", () => order(page), (it) => it.length === 60);
  assert.ok(mock.board.said.some((it) => it.say === "all_rows" && it.on));
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".panel");
  assert.match((await page.textContent(".panel")) ?? "", /% \(\d+ of \d+\)/);
  await page.keyboard.press("Escape");
  await until("closed", () => page.locator(".panel").count(), (it) => it === 0);
  await page.click("button:has-text('Show as table')");
  assert.equal(await page.locator(".lines tbody tr").count(), 60);
});

test("nothing of nothing is a dash that can be read, never 0 % or 100 %", async (t) => {
  const { page } = await board(t, (it) => makeEmpty(it.board));
  assert.equal(await page.locator(".queues td", { hasText: "%" }).count(), 0);
  assert.ok((await page.locator(".queues td .sr", { hasText: "no contacts in the window" }).count()) >= 12);
});

test("the wall has no scroll and no button, and figures that can be read across a room", async (t) => {
  const mock = await new Mock().listen();
  t.after(() => mock.close());
  makeEmpty(mock.board);
  const { page, context, errors } = await openPage(browser, `${mock.url}/wall`, { viewport: { width: 1920, height: 1080 } });
  t.after(() => context.close());
  await page.waitForSelector(".cell");
  assert.equal(await page.locator("button, a, input").count(), 0);
  assert.equal(await page.evaluate(() => document.documentElement.scrollHeight <= innerHeight && document.documentElement.scrollWidth <= innerWidth), true);
  assert.ok(await page.evaluate(() => parseFloat(getComputedStyle(document.querySelector(".cell .figure")!).fontSize) >= innerHeight * 0.04));
  assert.deepEqual(errors, []);
});

test("painting an update of forty rows costs little, and makes no new elements", async (t) => {
  const { mock, page } = await board(t);
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const metric = async (name: string) => (await session.send("Performance.getMetrics")).metrics.find((it) => it.name === name)?.value ?? 0;
  const updates = 20;
  const spend = async (change: () => void) => {
    const before = await metric("TaskDuration");
    for (let at = 0; at < updates; at += 1) {
      change();
      await new Promise((done) => setTimeout(done, 250));
    }
    return ((await metric("TaskDuration")) - before) * 1_000 / updates;
  };
  await page.evaluate(() => { for (const it of document.querySelectorAll(".queues td")) it.setAttribute("data-kept", ""); });
  const idle = await spend(() => undefined);
  const busy = await spend(() => mock.board.change({
    queues: mock.board.queues.slice(0, 40).map((it) => ({ ...it, waiting: it.waiting + 1, free: it.free + 1, sl: { part: it.sl.part, whole: it.sl.whole + 1 } })),
  }));
  console.log(`main thread: ${(busy - idle).toFixed(1)} ms for an update of 40 rows; ${(4 * idle).toFixed(1)} ms a second for the clock alone`);
  assert.equal(await page.locator(".queues td:not([data-kept])").count(), 0);
  assert.ok(busy - idle < 30, `${busy - idle} ms`);
});
