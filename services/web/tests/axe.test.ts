// Every screen, busy, empty and lost, in light, dark and forced colours, in English and Spanish, has no violation that axe knows of (what
// the binary itself serves is asked in night.real.ts); nothing
// moves by itself; every target is large enough; and at 320 pixels nothing is lost.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { LOOKS, violations } from "./axe_run.ts";
import { launch, openPage, row, until } from "./browser.ts";
import { midShift, reloadInShift } from "./hands.ts";
import { makeBusy, makeEmpty } from "./mock/busy.ts";
import { networkNow } from "./mock/clock.ts";
import { handoffOf } from "./mock/deeds.ts";
import { contactOf, makeBusyDesk, offerTo, PEERS } from "./mock/people.ts";
import { Mock } from "./mock/server.ts";

const TARGET_MIN = 32;

let browser: Browser;
let clean = 0;
before(async () => { browser = await launch(); });
after(async () => {
  await browser.close();
  row(11, `0 violations on ${clean} of ${SCREENS.length} screens × ${LOOKS.length} looks × en, es`);
});

interface Screen { name: string; path: string; set: (mock: Mock) => void; act?: (page: Page, mock: Mock) => Promise<unknown>; ready: string }

const lost = async (page: Page, mock: Mock) => {
  mock.accepting = false;
  mock.cut();
  await page.waitForSelector("[data-freshness=lost]", { timeout: 15_000 });
};
const makeQuiet = (mock: Mock) => { mock.desk.self.readiness = "available"; };
/** A menu that is opened by its button; what is in it is on the page from then on. */
const opened = async (page: Page, button: string) => {
  await page.click(button);
  await page.waitForSelector(".menu-body");
};
const settings = (page: Page) => opened(page, ".menu:not(.state-control) > button:not([data-sound])");
const first = (mock: Mock, change: object) => {
  makeBusyDesk(mock.desk);
  const it = mock.desk.contacts[0];
  if (it) Object.assign(it, change);
};

const SCREENS: Screen[] = [
  { name: "board, busy", path: "/board", set: (it) => makeBusy(it.board), ready: ".tile .figure" },
  { name: "board, empty", path: "/board", set: (it) => makeEmpty(it.board), ready: ".tile .figure" },
  { name: "board, lost", path: "/board", set: (it) => makeBusy(it.board), ready: ".tile .figure", act: lost },
  { name: "board, one queue, as table", path: "/board", set: (it) => makeBusy(it.board), ready: ".tile .figure", act: async (page) => {
    await page.locator(".lines .card-head button").click();
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".panel");
  } },
  { name: "board, settings open", path: "/board", set: (it) => makeEmpty(it.board), ready: ".tile .figure", act: settings },
  { name: "board, keys and demo", path: "/board", set: (it) => { makeBusy(it.board); it.boot.demo = true; }, ready: ".tile .figure", act: (page) => page.keyboard.press("?") },
  { name: "wall, busy", path: "/wall", set: (it) => makeBusy(it.board), ready: ".cell" },
  { name: "wall, empty", path: "/wall", set: (it) => makeEmpty(it.board), ready: ".cell" },
  { name: "wall, lost", path: "/wall", set: (it) => makeBusy(it.board), ready: ".cell", act: lost },
  { name: "desk, before", path: "/desk", set: () => undefined, ready: "[data-start]" },
  { name: "desk, checks", path: "/desk", set: (it) => { it.desk.self.reachable_by_voice = false; }, ready: "[data-start]", act: async (page) => { await page.click("[data-start]"); await page.waitForSelector("[data-text-only]:not([disabled])"); } },
  { name: "desk, quiet", path: "/desk", set: makeQuiet, ready: "", act: midShift },
  { name: "desk, state open", path: "/desk", set: (it) => { makeQuiet(it); it.desk.self.reachable_by_voice = false; }, ready: "", act: async (page) => { await midShift(page); await opened(page, "[data-state]"); } },
  { name: "desk, sound open", path: "/desk", set: makeQuiet, ready: "", act: async (page) => { await midShift(page); await opened(page, "[data-sound=on]"); } },
  { name: "desk, settings open", path: "/desk", set: (it) => makeBusyDesk(it.desk), ready: "", act: async (page) => { await midShift(page); await settings(page); } },
  { name: "desk, shift over", path: "/desk", set: makeQuiet, ready: "", act: async (page, mock) => { await midShift(page); mock.desk.end("signed_off"); await page.waitForSelector("form[action='/sign-out']"); } },
  { name: "desk, busy with an offer", path: "/desk", set: (it) => makeBusyDesk(it.desk), ready: "", act: async (page, mock) => {
    await midShift(page);
    await page.fill("#compose", "a few words");
    mock.desk.addMessage("c1", { words: "STOP", opt_out: "stop" });
    mock.desk.change("c1", { opted_out: true });
    offerTo(mock.desk, { acuity: "high", returning: true }, 120_000);
    await page.waitForSelector(".offer");
  } },
  { name: "desk, lost", path: "/desk", set: (it) => makeBusyDesk(it.desk), ready: "", act: async (page, mock) => { await midShift(page); await lost(page, mock); } },
  { name: "desk, whom to ask, and help", path: "/desk", set: (it) => makeBusyDesk(it.desk), ready: "", act: async (page) => { await midShift(page); await page.keyboard.press("F10"); await page.keyboard.press("F9"); await page.waitForSelector(".help-card"); } },
  { name: "desk, consent", path: "/desk", set: (it) => first(it, { handoff: handoffOf({}) }), ready: "", act: async (page) => { await midShift(page); await page.waitForSelector("#handoff-note"); } },
  { name: "desk, together", path: "/desk", set: (it) => first(it, { handoff: handoffOf({ state: "together", to_id: "rosa", note: "A quiet flat." }) }), ready: "", act: midShift },
  { name: "desk, joining", path: "/desk", set: (it) => first(it, { part: "joining", handoff: handoffOf({ state: "briefing", from_id: "rosa", to_id: "sam", note: "A quiet flat." }) }), ready: "", act: midShift },
  { name: "desk, call, End asked", path: "/desk", set: (it) => {
    it.desk.peers = PEERS;
    it.desk.contacts = [contactOf({ contact_id: "v1", queue: { region: "west", need: "general", channel: "voice" }, person_leg: "in_room", counselor_leg: "in_room", connected_at_ms: networkNow() - 9_000 })];
  }, ready: "", act: async (page) => { await midShift(page); await page.locator(".actions button").last().click(); await page.waitForSelector(".asked"); } },
  { name: "desk, write-up", path: "/desk", set: (it) => first(it, { state: "wrapping_up", part: "writing_up", wrap_up_ends_at_ms: networkNow() + 90_000 }), ready: "", act: midShift },
  { name: "desk, palette", path: "/desk", set: (it) => makeBusyDesk(it.desk), ready: "", act: async (page) => { await midShift(page); await page.keyboard.press("Control+k"); await page.waitForSelector(".palette"); } },
  { name: "desk, elsewhere", path: "/desk", set: (it) => { it.desk.lease = { terminate: () => undefined, send: () => undefined } as never; }, ready: "", act: async (page) => {
    await reloadInShift(page);
    await page.waitForSelector("[data-use-here]");
  } },
];

/** What can be pressed and is smaller than it should be. Links in running text are not counted (WCAG 2.5.8). */
const small = (page: Page): Promise<string[]> => page.evaluate((least) =>
  [...document.querySelectorAll<HTMLElement>("button, select, textarea, input:not([type=radio]):not([type=range]), .pick")].filter((it) => {
    const box = it.getBoundingClientRect();
    return box.width > 0 && getComputedStyle(it).visibility !== "hidden" && (box.height < least - 0.5 || box.width < 24);
  }).map((it) => `${it.outerHTML.slice(0, 100)} ${it.getBoundingClientRect().height}`), TARGET_MIN);

/** What sticks out of the page; empty if the page itself does not scroll sideways. */
const tooWide = (page: Page): Promise<string[]> => page.evaluate(() =>
  document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")].filter((it) => it.getBoundingClientRect().right > innerWidth && !it.closest(".scroll")).slice(0, 6).map((it) => it.outerHTML.slice(0, 90)));

for (const screen of SCREENS) {
  test(`${screen.name}: nothing for axe to say`, async (t) => {
    await Promise.all(["en", "es"].map(async (lang) => {
      const mock = await new Mock().listen();
      t.after(() => mock.close());
      screen.set(mock);
      const { page, context } = await openPage(browser, `${mock.url}${screen.path}?lang=${lang}`);
      t.after(() => context.close());
      if (screen.ready) await page.waitForSelector(screen.ready);
      await screen.act?.(page, mock);
      await until("the language", () => page.getAttribute("html", "lang"), (it) => it === lang);
      for (const look of LOOKS) {
        await page.emulateMedia(look);
        assert.deepEqual(await violations(page), [], `${screen.name}, ${lang}, ${JSON.stringify(look)}`);
      }
      assert.deepEqual(await small(page), [], "targets");
      assert.equal(await page.evaluate(() => document.getAnimations().filter((it) => it.playState === "running").length), 0, "nothing moves");
      await page.emulateMedia({ colorScheme: "light", forcedColors: "none" });
      await page.setViewportSize({ width: 320, height: 640 });
      assert.deepEqual(await tooWide(page), [], "no second scroll direction at 320 pixels");
    }));
    clean += 1;
  });
}
