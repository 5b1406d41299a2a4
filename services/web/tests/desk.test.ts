// A shift by keyboard alone: start, an offer, a conversation, a warm handoff, a write-up; and what a screen reader hears of it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { launch, openPage, until, type Ends } from "./browser.ts";
import { type AtDesk, desk, freshness, listenToRegions, midShift, openDesk, press, reloadInShift, startShift, tabTo, told } from "./hands.ts";
import { networkNow } from "./mock/clock.ts";
import { handoffOf } from "./mock/deeds.ts";
import { contactOf, makeBusyDesk, makeFreeDesk, offerTo, PEERS } from "./mock/people.ts";
import { Mock } from "./mock/server.ts";

let browser: Browser;
before(async () => { browser = await launch(); });
after(async () => { await browser.close(); });

test("from the start of a shift to the end of a write-up, with a handoff, by keyboard alone", async (t) => {
  const { mock, page, errors, elsewhere } = await openDesk(t, browser, (it) => { it.peers = PEERS; });
  await startShift(page);
  assert.ok(mock.desk.said.some((it) => it.say === "sign_in" && it.audio_address === "+13035550100" && it.from === null));
  assert.ok(mock.desk.said.some((it) => it.say === "set_readiness" && it.readiness === "available"));

  offerTo(mock.desk, { contact_id: "k1" });
  await page.waitForSelector(".offer");
  assert.match(await page.title(), /^\(1\) Text contact/);
  await page.keyboard.press("F2");
  await page.waitForSelector("[data-open=k1]");
  await until("the first message of the person", () => page.locator(".bubble.theirs").count(), (it) => it === 1);
  // Accepting brings one to where one writes.
  await until("focus in the message box", () => page.evaluate(() => document.activeElement?.id), (it) => it === "compose");
  await page.keyboard.type("Hello, I am Sam. I am here.");
  await page.keyboard.press("Control+Enter");
  await until("delivered", () => page.locator(".delivery.delivered").count(), (it) => it === 1);
  assert.equal(mock.desk.messagesTaken, 1);

  await page.keyboard.press("F10");
  await until("focus in the handoff", () => page.evaluate(() => document.activeElement?.id), (it) => it === "handoff");
  await press(page, ".handoff form button.primary");
  await page.waitForSelector("#handoff-note");
  assert.equal(await page.locator("button:text-is('Leave')").isDisabled(), true);
  await tabTo(page, "#handoff-note");
  await page.keyboard.type("Exams. Would like to hear from somebody who knows.");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await until("may leave", () => page.locator("button:text-is('Leave'):not([disabled])").count(), (it) => it === 1);
  assert.ok(mock.desk.said.some((it) => it.say === "record_consent" && it.given && it.note.startsWith("Exams.")));
  await tabTo(page, ".handoff button.primary");
  await page.keyboard.press("Enter");

  await page.waitForSelector(".wrap-up");
  await until("focus in the note", () => page.evaluate(() => document.activeElement?.id), (it) => it === "note");
  assert.equal(await page.locator(".handoff").count(), 0, "nothing more to hand over");
  await page.keyboard.type("Went over to Rosa.");
  await page.keyboard.press("Control+Enter");
  assert.equal(mock.desk.messagesTaken, 1, "a note is never sent to the person");
  await until("draft on the server", () => mock.desk.drafts["k1"], (it) => it === "Went over to Rosa.");
  await press(page, ".wrap-up > .row-actions .primary");
  await page.waitForSelector(".quiet-pane");
  assert.ok(mock.desk.said.some((it) => it.say === "write_note" && it.words === "Went over to Rosa."));
  assert.ok(mock.desk.said.some((it) => it.say === "finish_wrap_up"));
  assert.deepEqual(errors, []);
  assert.deepEqual(elsewhere, []);
});

test("a note that could not be kept is told of when its time is over, also after Finish was pressed", async (t) => {
  for (const refused of ["write_note", "finish_wrap_up"] as const) {
    const { mock, page } = await desk(t, browser, (it) => {
      it.contacts = [contactOf({ contact_id: "c1", state: "wrapping_up", part: "writing_up", wrap_up_ends_at_ms: networkNow() + 9_000 })];
    });
    await page.focus("#note");
    await page.keyboard.type("Talks easily about music.");
    mock.desk.refused.add(refused).add("extend_wrap_up");
    await press(page, ".wrap-up > .row-actions .primary");
    await page.waitForSelector(".notices .refused");
    const ends = mock.desk.contact("c1")!.wrap_up_ends_at_ms;
    await until("its time is over", networkNow, (it) => it >= ends, 12_000);
    mock.desk.change("c1", { state: "closed", yours: false });
    const over = refused === "write_note" ? /what stood there could not be kept/ : /Time for the note is over; it was kept/;
    await until("told", () => page.textContent(".notices"), (it) => over.test(it ?? ""));
  }
});

/** A desk that handed somebody over and writes about them, with words in the note. */
async function writingAfterwards(t: Ends): Promise<AtDesk> {
  const it = await desk(t, browser, (one) => {
    one.contacts = [contactOf({ contact_id: "c1", part: "writing_up", wrap_up_ends_at_ms: networkNow() + 120_000, handoff: handoffOf({ state: "completed", to_id: "rosa" }) })];
  });
  await it.page.focus("#note");
  await it.page.keyboard.type("Talks easily about music.");
  return it;
}

const notesSaid = (mock: Mock) => mock.desk.said.filter((it) => it.say === "write_note" && it.contact_id === "c1" && it.words === "Talks easily about music.");

test("a note about somebody who needs somebody again is written though its time is cut short, and that is told", async (t) => {
  const { mock, page } = await writingAfterwards(t);
  mock.desk.change("c1", { yours: false });
  await until("told", () => told(page, "polite"), (it) => it.includes("They need somebody again, so your time to write is over. Your note was kept."));
  assert.equal(notesSaid(mock).length, 1);
});

test("such a note waits while the line is cut, and is written once", async (t) => {
  const { mock, page } = await writingAfterwards(t);
  mock.accepting = false;
  mock.cut();
  mock.desk.change("c1", { yours: false });
  mock.desk.unavailable = 1;
  mock.accepting = true;
  await until("told", () => page.textContent(".notices"), (it) => /Your note was kept/.test(it ?? ""), 12_000);
  assert.equal(new Set(notesSaid(mock).map((it) => it.request_id)).size, 1);
});

test("a note that could not be kept after its time was cut short stays in sight to be copied, and the shield hides it", async (t) => {
  const { mock, page } = await writingAfterwards(t);
  mock.desk.refused.add("write_note");
  mock.desk.change("c1", { yours: false });
  await until("told", () => page.textContent(".notices .refused"), (it) => /Your note could not be kept: .* copy it/.test(it ?? ""));
  assert.equal(await page.inputValue(".notices textarea"), "Talks easily about music.");
  assert.ok(!(await told(page, "polite")).some((it) => it.includes("music")));
  await page.keyboard.press("F8");
  assert.equal(await page.locator(".notices textarea").isVisible(), false);
});

test("a note that is kept by a press just before is not written twice", async (t) => {
  const { mock, page } = await writingAfterwards(t);
  mock.desk.unavailable = 1;
  await press(page, ".note-box button");
  mock.desk.change("c1", { yours: false });
  await until("told", () => page.textContent(".notices"), (it) => /Your note was kept/.test(it ?? ""));
  assert.equal(new Set(notesSaid(mock).map((it) => it.request_id)).size, 1);
});

test("an offer is told exactly twice, its outcome always, and it never takes focus from a message", async (t) => {
  const { mock, page } = await desk(t, browser);
  await page.focus("#compose");
  await page.keyboard.type("I am writing ");
  offerTo(mock.desk, {}, 6_500);
  await page.waitForSelector(".offer");
  await page.keyboard.type("to somebody");
  await until("time ran out", () => page.locator(".check-in").count(), (it) => it === 1, 12_000);
  await page.keyboard.type(" else");
  assert.equal(await page.inputValue("#compose"), "I am writing to somebody else");
  const assertive = await told(page, "assertive");
  assert.equal(assertive.length, 2, JSON.stringify(assertive));
  assert.match(assertive[0] ?? "", /^Offered\. Text contact: Youth, English\. [67] seconds/);
  assert.match(assertive[1] ?? "", /^5 seconds left/);
  assert.ok((await told(page, "polite")).some((it) => it.startsWith("Time ran out")));
});

test("not now, somebody else, the person left: each is said", async (t) => {
  const { mock, page } = await desk(t, browser, makeFreeDesk);
  offerTo(mock.desk);
  await page.waitForSelector(".offer");
  await page.keyboard.press("Shift+F2");
  await until("gone", () => page.locator(".offer").count(), (it) => it === 0);
  const second = offerTo(mock.desk);
  await page.waitForSelector(".offer");
  mock.desk.push({ offers: [{ ...second, state: "rescinded", reason: "person_left" }] });
  await until("gone", () => page.locator(".offer").count(), (it) => it === 0);
  const polite = await told(page, "polite");
  assert.ok(polite.some((it) => it.startsWith("Not now.")));
  assert.ok(polite.some((it) => it.startsWith("The person left.")));
});

interface Ring { start: number; stop: number; ended: boolean; stopped: boolean }

/** Runs in the page before anything: keeps every ring, when it was to stop and how it did. */
function countRings(): void {
  const log: Ring[] = [];
  (window as unknown as { rings: Ring[] }).rings = log;
  const make = AudioContext.prototype.createBufferSource;
  AudioContext.prototype.createBufferSource = function (this: AudioContext) {
    const source = make.call(this);
    const it = { start: -1, stop: -1, ended: false, stopped: false };
    const [start, stop] = [source.start.bind(source), source.stop.bind(source)];
    source.start = (at = 0) => { it.start = at; if (source.loop) log.push(it); start(at); };
    source.stop = (at?: number) => { if (at === undefined) it.stopped = true; else it.stop = at; stop(at); };
    source.addEventListener("ended", () => (it.ended = true));
    return source;
  };
}

const rings = (page: Page): Promise<Ring[]> => page.evaluate(() => (window as unknown as { rings: Ring[] }).rings);

test("the ring is stopped on the audio clock with the offer, and at once when it is over", async (t) => {
  const { mock, page } = await openDesk(t, browser, makeFreeDesk, countRings);
  await startShift(page);
  offerTo(mock.desk, {}, 2_500);
  const [first] = await until("a ring", () => rings(page), (it) => it.length === 1);
  assert.ok(first && first.stop - first.start > 1.5 && first.stop - first.start <= 2.51, JSON.stringify(first));
  await until("silence by itself", () => rings(page), (it) => it[0]?.ended === true);
  mock.desk.push({ self: { ...mock.desk.self, readiness: "available" } });
  const second = offerTo(mock.desk, {}, 20_000);
  await until("a second ring", () => rings(page), (it) => it.length === 2);
  mock.desk.push({ offers: [{ ...second, state: "rescinded", reason: "person_left" }] });
  await until("silence", () => rings(page), (it) => it[1]?.stopped === true, 1_000);
});

test("of two open offers the second rings when the first has rung to its end, or is over", async (t) => {
  const { mock, page } = await openDesk(t, browser, makeFreeDesk, countRings);
  await startShift(page);
  // The server says that it is over only when it has rung to its end.
  const first = offerTo(mock.desk, { deadline_ms: networkNow() + 2_500 }, 60_000);
  await until("a ring", () => rings(page), (it) => it.length === 1);
  const second = offerTo(mock.desk, {}, 20_000);
  await page.waitForSelector(".offer:nth-of-type(2)");
  const third = offerTo(mock.desk, {}, 30_000);
  await page.waitForSelector(".offer:nth-of-type(3)");
  assert.equal((await rings(page)).length, 1, "two ring as one");
  await until("the second rings", () => rings(page), (it) => it.length === 2 && it[0]?.ended === true);
  mock.desk.push({ offers: [{ ...first, state: "expired" }] });
  mock.desk.push({ offers: [{ ...second, state: "rescinded", reason: "person_left" }] });
  const all = await until("the third rings", () => rings(page), (it) => it.length === 3 && it[1]?.stopped === true);
  assert.equal(all[2]?.stopped, false);
  mock.desk.push({ offers: [{ ...third, state: "rescinded", reason: "person_left" }] });
  await until("silence", () => rings(page), (it) => it.length === 3 && it[2]?.stopped === true);
});

const signIns = (mock: Mock) => mock.desk.said.filter((it) => it.say === "sign_in").length;

test("why the server closed a desk is told in the reader's language", async (t) => {
  const all: [string, string, RegExp, RegExp][] = [
    ["refused", "All desks are taken right now.", /^All desks are taken right now\.$/, /^El servicio no acepta este puesto por ahora\./],
    ["desks_full", "Words of the server.", /^All desks are taken right now\. Try again/, /^Ahora todos los puestos están ocupados\./],
    ["something_new", "Words of the server.", /^Words of the server\.$/, /^Words of the server\.$/],
  ];
  for (const locale of ["en-US", "es-US"]) {
    const mock = await new Mock().listen();
    t.after(() => mock.close());
    const { page, context } = await openPage(browser, `${mock.url}/desk`, { locale });
    t.after(() => context.close());
    await midShift(page);
    for (const [reason, message, en, es] of all) {
      mock.desk.end(reason, message);
      await until(`told ${reason}`, () => page.textContent("#elsewhere + p"), (it) => (locale === "en-US" ? en : es).test(it ?? ""));
      const before = signIns(mock);
      await press(page, "[data-use-here]");
      // The pane is there before the line is, and a server can only close a line that is.
      await until("back", () => signIns(mock), (it) => it > before);
      await page.waitForSelector(".desk-main");
    }
  }
});

test("two windows, one rings; the other can take over, and the first goes quiet", async (t) => {
  const { mock, ...one } = await desk(t, browser, makeFreeDesk);
  const two = await openPage(browser, `${mock.url}/desk`, {}, listenToRegions);
  t.after(() => two.context.close());
  await reloadInShift(two.page);
  await two.page.waitForSelector("[data-use-here]");
  offerTo(mock.desk);
  await one.page.waitForSelector(".offer");
  assert.equal(await two.page.locator(".offer").count(), 0);
  assert.deepEqual(await told(two.page, "assertive"), []);
  await press(two.page, "[data-use-here]");
  await two.page.waitForSelector(".offer");
  await one.page.waitForSelector("[data-use-here]");
  assert.equal(await one.page.locator(".offer").count(), 0);
});

test("End asks beside the message being written, and a space typed there ends nobody", async (t) => {
  const { mock, page } = await desk(t, browser);
  await press(page, ".actions button:text-is('End')");
  await page.waitForSelector(".asked");
  await page.focus("#compose");
  await page.keyboard.type("Are you ");
  mock.desk.addMessage("c1", { words: "yes" });
  await page.keyboard.type("still there?");
  assert.equal(await page.inputValue("#compose"), "Are you still there?");
  assert.equal(await page.locator(".asked").count(), 0);
  assert.equal(mock.desk.said.some((it) => it.say === "end_contact"), false);
});

test("a message in another conversation is told, counted in the title, and marked", async (t) => {
  const { mock, page } = await desk(t, browser);
  await page.waitForSelector("[data-open=c1]");
  mock.desk.addMessage("c2", { words: "STOP", opt_out: "stop" });
  await until("told", () => told(page, "polite"), (it) => it.some((words) => /new message/.test(words)));
  await until("in the title", () => page.title(), (it) => it === "(1) New message · Desk");
});

test("what was written before the page was loaded is not new to anybody", async (t) => {
  const { page } = await desk(t, browser);
  await page.waitForSelector("[data-contact=c2]");
  await until("live", () => freshness(page), (it) => it === "live");
  assert.equal(await page.locator(".conversations .tag", { hasText: "new" }).count(), 0);
  assert.match(await page.title(), /^Desk/);
  assert.deepEqual((await told(page, "polite")).filter((it) => it.includes("a new message")), []);
});

test("out of sight an offer and a message show a notice of the browser, with nothing of anybody in it", async (t) => {
  const { mock, page } = await openDesk(t, browser, makeBusyDesk, () => {
    const shown: string[] = [];
    Object.assign(window, { shown, Notification: class { static permission = "granted"; constructor(words: string, { tag }: { tag: string }) { shown.push(`${tag}: ${words}`); } close() {} } });
    Object.defineProperty(document, "hidden", { get: () => true });
  });
  await midShift(page);
  mock.desk.addMessage("c2", { words: "it is about my sister" });
  const offer = offerTo(mock.desk);
  const shown = () => page.evaluate(() => (window as unknown as { shown: string[] }).shown);
  await until("shown", async () => (await shown()).sort(), (it) => it.join() === `message: New message,${offer.offer_id}: Text contact`);
});

test("a message to somebody who has just written asks once", async (t) => {
  const { mock, page } = await desk(t, browser);
  await page.focus("#compose");
  await page.keyboard.type("What about Monday");
  mock.desk.addMessage("c1", { words: "wait, one more thing" });
  mock.desk.addMessage("c1", { words: "it is about my sister" });
  await page.waitForSelector(".guard");
  assert.match((await page.textContent(".guard")) ?? "", /^2 new messages since you started writing/);
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector(".guard.strong");
  assert.equal(mock.desk.messagesTaken, 0);
  assert.equal(await page.evaluate(() => document.activeElement?.id), "compose");
  await page.keyboard.press("Control+Enter");
  await until("sent", () => mock.desk.messagesTaken, (it) => it === 1);
});

test("an opt-out is shown at once, and nothing can be sent that would be blocked", async (t) => {
  const { mock, page } = await desk(t, browser);
  await page.fill("#compose", "hello");
  mock.desk.addMessage("c1", { words: "STOP", opt_out: "stop" });
  mock.desk.change("c1", { opted_out: true, acuity: "high" });
  await page.waitForSelector(".opt-out-banner");
  assert.equal(await page.locator(".composer button.primary").isDisabled(), true);
  await page.keyboard.press("Control+Enter");
  await page.keyboard.press("Control+Enter");
  assert.equal(mock.desk.messagesTaken, 0);
  assert.equal(await page.locator(".bubble .opt-out").count(), 1);
});

test("a call: answered, held and resumed by key; End asks once; Esc never ends anything", async (t) => {
  const { mock, page } = await desk(t, browser, makeFreeDesk);
  offerTo(mock.desk, { contact_id: "v1", queue: { region: "west", need: "general", channel: "voice" } });
  await page.waitForSelector(".offer");
  await page.keyboard.press("F2");
  await until("together", () => page.textContent(".call-words"), (it) => it === "You are together.");
  await page.keyboard.press("F7");
  await page.waitForSelector(".actions button[aria-pressed=true]");
  assert.equal(mock.desk.contact("v1")?.held, true);
  await page.keyboard.press("F7");
  await until("resumed", () => mock.desk.contact("v1")?.held, (it) => it === false);
  await page.keyboard.press("Escape");
  await press(page, ".actions button:text-is('End')");
  await page.waitForSelector(".asked");
  assert.equal(mock.desk.said.some((it) => it.say === "end_contact"), false);
  // Whatever key is pressed first ends nobody: the answer that changes nothing has focus.
  await page.waitForSelector(".asked button:focus:not(.primary)");
  await page.keyboard.press("Space");
  await until("stays", () => page.locator(".asked").count(), (it) => it === 0);
  assert.equal(mock.desk.said.some((it) => it.say === "end_contact"), false);
  await press(page, ".actions button:text-is('End')");
  await page.waitForSelector(".asked");
  await press(page, ".asked .primary");
  await page.waitForSelector(".wrap-up");
});

test("the peer's side: read, join, have them; and the emergency by one key", async (t) => {
  const { mock, page } = await desk(t, browser, (it) => {
    it.self = { ...it.self, kind: "peer", name: "Rosa M.", readiness: "available" };
    it.peers = [{ ...PEERS[0]!, counselor_id: "sam2", name: "Sam K.", kind: "counselor" }];
  });
  offerTo(mock.desk, { contact_id: "h1", handoff: true, from_id: "sam2" });
  await page.waitForSelector(".offer");
  assert.match((await page.textContent(".offer")) ?? "", /Handoff in texts/);
  await page.keyboard.press("F2");
  await page.waitForSelector("#joining");
  assert.match((await page.textContent(".handoff blockquote")) ?? "", /drawing/);
  mock.desk.change("h1", { messages: [], messages_total: 7 });
  await until("what was written comes later", () => page.textContent(".log"), (it) => it?.trim() === "What they wrote shows here once you are together.");
  await press(page, ".handoff button:text-is('Join')");
  await until("three together", () => page.locator(".handoff button:text-is('I have them'):not([disabled])").count(), (it) => it === 1);
  mock.desk.otherStaysMs = 60_000;
  await press(page, ".handoff button:text-is('I have them')");
  // Theirs at once, while the other one is still there: nothing to leave and nobody to ask back.
  await until("said so", () => page.textContent(".side"), (it) => Boolean(it?.includes("They are yours. Sam K. leaves when it feels right.")));
  assert.equal(await page.locator("button:text-is('Leave'), button:text-is('Cancel the handoff'), button:has-text('Ask counselor back')").count(), 0);
  await page.keyboard.press("F10");
  assert.equal(await page.locator(".side .steps").count(), 0);
  await until("may write", () => page.evaluate(() => document.activeElement?.id), (it) => it === "compose");
  mock.desk.change("h1", { handoff: { ...mock.desk.contact("h1")!.handoff!, state: "completed" } });
  await until("the pane is gone", () => page.locator(".handoff").count(), (it) => it === 0);
  await until("theirs", () => mock.desk.contact("h1")?.part, (it) => it === "owner");
  await until("can ask back", () => page.locator("button:has-text('Ask counselor back'):not([disabled])").count(), (it) => it === 1);
  await page.keyboard.press("Shift+F9");
  await until("help", () => mock.desk.self.help?.level, (it) => it === "emergency");
  mock.desk.push({ self: { ...mock.desk.self, help: { ...mock.desk.self.help!, answered_by: "Ana" } } });
  await until("who answers", () => page.textContent(".help-card"), (it) => Boolean(it?.includes("Ana is on it.")));
});

test("the shield hides what is private at once, the palette does everything by name, keys can be changed and switched off", async (t) => {
  const { mock, page } = await desk(t, browser);
  await page.focus("#compose");
  await page.keyboard.press("F8");
  assert.equal(await page.locator(".log").isVisible(), false);
  await page.keyboard.press("F8");
  assert.equal(await page.locator(".log").isVisible(), true);
  await page.focus("#compose");
  await page.keyboard.press("Control+k");
  await page.waitForSelector(".palette");
  await page.keyboard.type("hand over");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".handoff form");
  await page.keyboard.press("Escape");
  await until("closed", () => page.locator(".handoff").count(), (it) => it === 0);
  assert.equal(mock.desk.contacts.length, 2);
  await page.keyboard.press("Control+ArrowDown");
  await page.waitForSelector("[data-open=c2]");
  await page.keyboard.press("F1");
  await press(page, "button[aria-label='Change the key for: Hide or show what is private']");
  await page.keyboard.press("F6");
  await page.keyboard.press("Escape");
  await page.keyboard.press("F8");
  assert.equal(await page.locator(".log").isVisible(), true);
  await page.keyboard.press("F6");
  assert.equal(await page.locator(".log").isVisible(), false);
});

test("without a phone or a connection nobody becomes available for calls, with the reason; texts stay possible", async (t) => {
  const { mock, page } = await openDesk(t, browser, (it) => { it.self = { ...it.self, reachable_by_voice: false }; });
  await press(page, "[data-start]");
  await page.waitForSelector("[data-text-only]:not([disabled])");
  assert.equal(await page.locator("[data-available]").isDisabled(), true);
  assert.match((await page.textContent(".why")) ?? "", /Your phone/);
  await press(page, "[data-text-only]");
  await until("texts only", () => mock.desk.self.channels.join(), (it) => it === "text");
});

