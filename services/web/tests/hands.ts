// A person at the keyboard, for the tests: no mouse anywhere. And what a screen reader was told without asking.
import type { Page } from "playwright-core";
import { until } from "./browser.ts";

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

/** Into the middle of a shift, as after a reload. */
export async function midShift(page: Page): Promise<void> {
  await page.evaluate(() => sessionStorage.setItem("holdfast.shift", "on"));
  await page.reload();
  await page.waitForSelector(".desk-main [data-contact], .desk-main .quiet-pane");
  await page.waitForSelector("[data-state]");
}
