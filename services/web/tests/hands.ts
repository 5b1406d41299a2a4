// A person at the keyboard, for the tests: no mouse anywhere. The desk they sit at, and what a screen reader was told without asking.
import type { Browser, Page } from "playwright-core";
import { openPage, until, type Ends, type Watched } from "./browser.ts";
import type { DeskMock } from "./mock/desk.ts";
import { makeBusyDesk } from "./mock/people.ts";
import { Mock } from "./mock/server.ts";

const MOST_TABS = 80;

/** Tab until what is wanted has focus, as somebody without a mouse gets there. */
export async function tabTo(page: Page, selector: string, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  const wanted = page.locator(selector).first();
  for (let at = 0; at < MOST_TABS; at += 1) {
    if (await wanted.evaluate((it) => it === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${selector} cannot be reached by ${key}`);
}

export async function press(page: Page, selector: string): Promise<void> {
  await page.waitForSelector(selector);
  await tabTo(page, selector);
  await page.keyboard.press("Enter");
}

/** Runs in the page before anything: keeps what the two live regions said. */
export function listenToRegions(): void {
  const told = { polite: [] as string[], assertive: [] as string[] };
  (window as unknown as { told: typeof told }).told = told;
  addEventListener("DOMContentLoaded", () => {
    for (const id of ["polite", "assertive"] as const) {
      const region = document.getElementById(id);
      if (region) new MutationObserver(() => { if (region.textContent) told[id].push(region.textContent); }).observe(region, { childList: true, characterData: true, subtree: true });
    }
  });
}

export const told = (page: Page, which: "polite" | "assertive"): Promise<string[]> => page.evaluate((it) => (window as unknown as { told: Record<string, string[]> }).told[it] ?? [], which);

/** From the first page to being available, by keyboard alone. */
export async function startShift(page: Page, phone = "+13035550100"): Promise<void> {
  await tabTo(page, "input[name=phone]");
  await page.keyboard.type(phone);
  await press(page, "[data-start]");
  await page.waitForSelector(".checks");
  await until("the ring can be judged", () => page.locator(".check:nth-child(3) button").count(), (it) => it >= 3);
  await press(page, ".check:nth-child(3) button:nth-of-type(2)");
  await until("ready", () => page.locator("[data-available]:not([disabled])").count(), (it) => it === 1);
  await press(page, "[data-available]");
  await page.waitForSelector(".desk-main");
  await page.waitForSelector("[data-state=available]");
}

export const freshness = (page: Page): Promise<string | null> => page.getAttribute("[data-freshness]", "data-freshness");

/** Loads the page anew while a shift is on, whatever it comes back to. */
export async function reloadInShift(page: Page): Promise<void> {
  await page.evaluate(() => sessionStorage.setItem("holdfast.shift", "on"));
  await page.reload();
}

/** Into the middle of a shift, as after a reload. */
export async function midShift(page: Page): Promise<void> {
  await reloadInShift(page);
  await page.waitForSelector(".desk-main [data-contact], .desk-main .quiet-pane");
  await page.waitForSelector("[data-state]");
}

export interface AtDesk extends Watched { mock: Mock }

/** A desk before its shift, over a server of its own; both end with the test. */
export async function openDesk(t: Ends, browser: Browser, set: (it: DeskMock) => void = makeBusyDesk, script = listenToRegions): Promise<AtDesk> {
  const mock = await new Mock().listen();
  t.after(() => mock.close());
  set(mock.desk);
  const it = await openPage(browser, `${mock.url}/desk`, {}, script);
  t.after(() => it.context.close());
  return { mock, ...it };
}

/** The same in the middle of a shift. */
export async function desk(t: Ends, browser: Browser, set?: (it: DeskMock) => void): Promise<AtDesk> {
  const it = await openDesk(t, browser, set);
  await midShift(it.page);
  return it;
}
