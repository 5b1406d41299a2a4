// The line is cut, in every way a line is: nothing that was written is lost or sent twice, what is shown says how old it is, and it comes
// back by itself.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launch, openPage, until } from "./browser.ts";
import { desk, freshness, press, reloadInShift } from "./hands.ts";
import { makeBusy } from "./mock/busy.ts";
import { contactOf, makeBusyDesk, makeFreeDesk, offerTo } from "./mock/people.ts";
import { Mock } from "./mock/server.ts";

let browser: Browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

const live = (page: Page, ms = 20_000) => until("live", () => freshness(page), (it) => it === "live", ms);
const bubbles = (page: Page, words: string) => page.locator(".bubble-words", { hasText: words }).count();

test("what is sent while the line is cut waits, says so, and arrives once, in order", async (t) => {
  const { mock, page } = await desk(t, browser);
  mock.accepting = false;
  mock.cut();
  await until("send later", () => page.textContent(".composer .primary"), (it) => Boolean(it?.startsWith("Send when connected")));
  for (const words of ["first of two", "second of two"]) {
    await page.focus("#compose");
    await page.keyboard.type(words);
    await page.keyboard.press("Control+Enter");
  }
  await until("both wait", () => page.locator(".bubble.pending", { hasText: "Waiting for connection" }).count(), (it) => it === 2);
  mock.desk.addMessage("c1", { words: "are you there" });
  await until("late or lost", () => freshness(page), (it) => it !== "live");
  await until("lost", () => freshness(page), (it) => it === "lost");
  assert.match((await page.textContent(".banner")) ?? "", /You will not be offered anyone\. Your conversation is safe\./);
  assert.ok((await page.locator(".bubble").count()) >= 7, "nothing is wiped");
  mock.accepting = true;
  await live(page);
  await until("both delivered", () => mock.desk.contact("c1")?.messages.slice(-2).map((it) => it.words).join(), (it) => it === "first of two,second of two");
  await until("none pending", () => page.locator(".bubble.pending").count(), (it) => it === 0);
  assert.equal(mock.desk.messagesTaken, 2);
  for (const words of ["first of two", "second of two", "are you there"]) assert.equal(await bubbles(page, words), 1, words);
  const again = mock.desk.said.findLast((it) => it.say === "sign_in");
  assert.ok(again?.say === "sign_in" && again.from !== null, "it says where it stood");
});

test("a message that was taken and whose answer was lost is not sent twice", async (t) => {
  const { mock, page } = await desk(t, browser);
  for (const restarted of [false, true]) {
    const words = `taken, ${restarted}`;
    mock.desk.cutBeforeAnswer = true;
    if (restarted) mock.desk.restart();
    await page.focus("#compose");
    await page.keyboard.type(words);
    await page.keyboard.press("Control+Enter");
    await until("taken", () => mock.desk.contact("c1")?.messages.filter((it) => it.words === words).length, (it) => it === 1);
    await until("said again under the same id", () => mock.desk.said.filter((it) => it.say === "send_text" && it.words === words).length, (it) => it === 2);
    const ids = new Set(mock.desk.said.filter((it) => it.say === "send_text" && it.words === words).map((it) => it.request_id));
    assert.equal(ids.size, 1);
    await until("shown once", () => bubbles(page, words), (it) => it === 1);
    await until("none pending", () => page.locator(".bubble.pending").count(), (it) => it === 0);
    assert.equal(mock.desk.contact("c1")?.messages.filter((it) => it.words === words).length, 1);
  }
});

test("what could not be confirmed is said again; what was refused can be tried again under the same id", async (t) => {
  const { mock, page } = await desk(t, browser);
  mock.desk.unavailable = 2;
  await page.focus("#compose");
  await page.keyboard.type("doubted");
  await page.keyboard.press("Control+Enter");
  await until("taken", () => mock.desk.messagesTaken, (it) => it === 1);
  mock.desk.unavailable = 500;
  await page.keyboard.type("given up");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".bubble.failed", { timeout: 20_000 });
  mock.desk.unavailable = 0;
  await page.click(".bubble.failed button:text-is('Try again')");
  await until("taken", () => mock.desk.messagesTaken, (it) => it === 2);
  const ids = mock.desk.said.filter((it) => it.say === "send_text" && it.words === "given up").map((it) => it.request_id);
  assert.equal(new Set(ids).size, 1);
});

test("a draft is on the server after two seconds and back after a reload", async (t) => {
  const { mock, page } = await desk(t, browser);
  await page.focus("#compose");
  await page.keyboard.type("half a thought");
  await until("kept", () => mock.desk.drafts["c1"], (it) => it === "half a thought", 6_000);
  await until("said", () => page.textContent(".composer-foot"), (it) => Boolean(it?.includes("Draft saved")));
  await page.reload();
  await until("back", () => page.inputValue("#compose").catch(() => ""), (it) => it === "half a thought");
  assert.match((await page.textContent(".composer-foot")) ?? "", /Draft saved/);
  await page.focus("#compose");
  await page.keyboard.type("s");
  assert.match((await page.textContent(".composer-foot")) ?? "", /Saving draft/);
  assert.equal(await page.evaluate(() => JSON.stringify({ ...localStorage }).includes("thought")), false);
});

test("the draft for somebody who is gone is not there when they come back", async (t) => {
  const { mock, page } = await desk(t, browser, (it) => { makeBusyDesk(it); it.drafts["c1"] = "half a thought"; });
  await until("there", () => page.inputValue("#compose"), (it) => it === "half a thought");
  const contact = mock.desk.contact("c1")!;
  mock.desk.change("c1", { yours: false });
  await until("gone", () => page.locator("[data-contact=c1]").count(), (it) => it === 0);
  mock.desk.push({ contacts: [contact] });
  await press(page, "[data-contact=c1]");
  await page.waitForSelector("[data-open=c1]");
  assert.equal(await page.inputValue("#compose"), "");
});

test("what was asked before a cut is put away if everything is told anew after it", async (t) => {
  const { mock, page } = await desk(t, browser, (it) => {
    makeFreeDesk(it);
    it.contacts = [contactOf({ contact_id: "v1", queue: { region: "west", need: "general", channel: "voice" }, person_leg: "in_room", counselor_leg: "in_room" })];
  });
  await press(page, ".actions button:text-is('End')");
  await page.waitForSelector(".asked");
  const before = mock.desk.said.length;
  mock.desk.restart();
  mock.cut();
  await until("back", () => mock.desk.said.length, (it) => it > before);
  await until("put away", () => page.locator(".asked").count(), (it) => it === 0);
  assert.equal(mock.desk.said.some((it) => it.say === "end_contact"), false);
});

test("after a cut the window that rang rings again, whichever is back first", async (t) => {
  const { mock, ...one } = await desk(t, browser, makeFreeDesk);
  const two = await openPage(browser, `${mock.url.replace("127.0.0.1", "localhost")}/desk`);
  t.after(() => two.context.close());
  await reloadInShift(two.page);
  await two.page.waitForSelector("[data-use-here]");
  const signIns = () => mock.desk.said.filter((it) => it.say === "sign_in");
  const before = signIns();
  assert.deepEqual(before.filter((it) => "quiet" in it), [], "whoever is new knows nothing");
  mock.only = "localhost";
  mock.cut();
  const [quiet] = await until("the other is back", () => signIns().slice(before.length), (it) => it.length === 1);
  assert.equal(quiet?.quiet, true);
  assert.equal(mock.desk.lease, null);
  mock.only = "";
  const [, rang] = await until("the one that rang is back", () => signIns().slice(before.length), (it) => it.length === 2);
  assert.ok(rang && !("quiet" in rang));
  offerTo(mock.desk);
  await one.page.waitForSelector(".offer");
  assert.equal(await two.page.locator(".offer").count(), 0);
  mock.desk.leaseGraceMs = 200;
  await one.context.close();
  mock.cut();
  await two.page.waitForSelector(".offer");
});

test("a window that is to be used while the line is cut takes the lease as it opens again", async (t) => {
  const { mock } = await desk(t, browser, makeFreeDesk);
  const two = await openPage(browser, `${mock.url.replace("127.0.0.1", "localhost")}/desk`);
  t.after(() => two.context.close());
  await reloadInShift(two.page);
  await two.page.waitForSelector("[data-use-here]");
  mock.only = "127.0.0.1";
  mock.cut();
  await until("lost", () => freshness(two.page), (it) => it === "lost", 8_000);
  await press(two.page, "[data-use-here]");
  mock.only = "";
  await until("it took the lease", () => mock.desk.said.filter((it) => it.say === "sign_in").at(-1), (it) => it?.take === true && !("quiet" in it), 8_000);
  await until("it is here", () => two.page.locator("[data-use-here]").count(), (it) => it === 0);
});

test("a shift that is begun anew is never begun quietly", async (t) => {
  const mock = await new Mock().listen();
  t.after(() => mock.close());
  mock.desk.lease = { terminate: () => undefined, send: () => undefined } as never;
  const { page, context } = await openPage(browser, `${mock.url}/desk`);
  t.after(() => context.close());
  await reloadInShift(page);
  await page.waitForSelector("[data-use-here]");
  mock.desk.end("signed_off");
  await press(page, "button:text-is('Start another shift')");
  await press(page, "[data-start]");
  const [, anew] = await until("begun anew", () => mock.desk.said.filter((it) => it.say === "sign_in"), (it) => it.length === 2);
  assert.ok(anew && !("quiet" in anew));
});

test("a socket that is open and silent is found out, and opened anew", async (t) => {
  const { mock, page } = await desk(t, browser);
  const from = performance.now();
  mock.desk.silent = true;
  await until("late", () => freshness(page), (it) => it === "late", 6_000);
  await until("lost", () => freshness(page), (it) => it === "lost", 6_000);
  assert.ok(performance.now() - from < 9_000);
  mock.desk.silent = false;
  await live(page);
});

test("a page that computes for long still gives its signs of life; a browser that is gone gives none", async (t) => {
  const { mock, page, context } = await desk(t, browser);
  const before = mock.desk.beats;
  await page.evaluate(() => {
    const until = performance.now() + 3_500;
    while (performance.now() < until) Math.random();
  });
  assert.ok(mock.desk.beats - before >= 2, `${mock.desk.beats - before} beats`);
  await context.close();
  const gone = Date.now();
  await new Promise((done) => setTimeout(done, 1_500));
  assert.ok(mock.desk.beatAt < gone + 500);
});

test("a flapping line does not lie: after ten cuts the desk is live, with one lease and every state right", async (t) => {
  const { mock, page } = await desk(t, browser);
  for (let at = 0; at < 10; at += 1) {
    mock.cut();
    mock.desk.addMessage("c1", { words: `while cut ${at};` });
    await until("back", () => mock.desk.lease !== null, Boolean);
  }
  await live(page);
  for (let at = 0; at < 10; at += 1) await until("each message once", () => bubbles(page, `while cut ${at};`), (it) => it === 1);
  offerTo(mock.desk);
  await page.waitForSelector(".offer");
});

test("the board over a cut: Late, Lost with its numbers kept, Live again", async (t) => {
  const mock = await new Mock().listen();
  t.after(() => mock.close());
  makeBusy(mock.board);
  const { page, context } = await openPage(browser, `${mock.url}/board`);
  await live(page);
  const figure = await page.textContent(".tile .figure");
  mock.accepting = false;
  mock.cut();
  const from = performance.now();
  await until("late", () => freshness(page), (it) => it === "late", 6_000);
  await until("lost", () => freshness(page), (it) => it === "lost", 6_000);
  assert.ok(performance.now() - from < 7_500, "noticed in time");
  assert.match((await page.textContent(".banner")) ?? "", /What you see was true at \d\d:\d\d:\d\d\..*(Trying again|silent)/s);
  assert.equal(await page.textContent(".tile .figure"), figure);
  const wait = await page.textContent("td.wait");
  await new Promise((done) => setTimeout(done, 1_200));
  assert.equal(await page.textContent("td.wait"), wait, "a wait nobody knows of stands still");
  mock.accepting = true;
  await live(page);
  assert.equal(await page.locator(".banner").count(), 0);
  await context.close();
});

test("the board is as old as the router's last word, however well the socket does", async (t) => {
  const mock = await new Mock().listen();
  t.after(() => mock.close());
  makeBusy(mock.board);
  const { page, context } = await openPage(browser, `${mock.url}/board`);
  await live(page);
  mock.board.routerMs = 3_000;
  await until("late", () => freshness(page), (it) => it === "late");
  mock.board.routerMs = 30_000;
  await until("lost", () => freshness(page), (it) => it === "lost");
  mock.board.routerMs = 50;
  await live(page);
  await context.close();
});

test("a board that came with too many others comes back when the server said, and not before", async (t) => {
  const mock = await new Mock().listen();
  t.after(() => mock.close());
  makeBusy(mock.board);
  mock.board.later = [1_500, 700];
  const { page, context } = await openPage(browser, `${mock.url}/board`);
  t.after(() => context.close());
  await page.waitForSelector(".tile .figure");
  await live(page);
  const [first = 0, second = 0, third = 0] = mock.board.opened;
  assert.equal(mock.board.opened.length, 3);
  assert.ok(second - first >= 1_400 && third - second >= 650, `${second - first} ms, ${third - second} ms`);
});

test("while figures come seldom the board says so, and is live all the same", async (t) => {
  const mock = await new Mock().listen();
  t.after(() => mock.close());
  makeBusy(mock.board);
  mock.board.frameMs = 10_000;
  const { page, context } = await openPage(browser, `${mock.url}/board`);
  t.after(() => context.close());
  const said = () => page.textContent("[data-freshness]");
  await until("seldom", said, (it) => it === "Live · new figures every 10 s");
  assert.equal(await freshness(page), "live");
  mock.board.frameMs = 250;
  await until("often again", said, (it) => Boolean(it?.startsWith("Live · 0.")));
});
