// Writes a picture of every screen, light and dark, busy and empty, to screens/. Run `npm run screens`, and look at them.
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Browser, Page } from "playwright-core";
import { launch, openPage } from "./browser.ts";
import { reloadInShift } from "./hands.ts";
import { indexed } from "./indexed_png.ts";
import { makeBusy, makeEmpty } from "./mock/busy.ts";
import { handoffInBriefing, makeBusyDesk, offerTo, contactOf, PEERS } from "./mock/people.ts";
import { Mock } from "./mock/server.ts";
import { networkNow } from "./mock/clock.ts";

const out = path.resolve(path.dirname(new URL(import.meta.url).pathname), "../screens");
const only = process.argv[2] ?? "";

interface Shot { name: string; path: string; set: (mock: Mock) => void; act?: (page: Page, mock: Mock) => Promise<void>; height?: number; width?: number; themes?: ("light" | "dark")[]; lang?: string }

const atWork = async (page: Page) => {
  await reloadInShift(page);
  await page.waitForSelector(".desk-main");
  await page.waitForTimeout(400);
  const blocked = page.locator("[data-sound=blocked], [data-sound=off]");
  if (await blocked.count()) await blocked.first().click();
};

const SHOTS: Shot[] = [
  { name: "board-busy", path: "/board", set: (it) => makeBusy(it.board), height: 900 },
  { name: "board-empty", path: "/board", set: (it) => makeEmpty(it.board), height: 900 },
  { name: "board-lost", path: "/board", set: (it) => makeBusy(it.board), height: 900, themes: ["dark"], act: async (page, mock) => { await page.waitForTimeout(600); mock.board.silent = true; await page.waitForSelector("[data-freshness=lost]"); } },
  { name: "wall-busy", path: "/wall", set: (it) => makeBusy(it.board) },
  { name: "wall-empty", path: "/wall", set: (it) => makeEmpty(it.board), themes: ["dark"] },
  { name: "desk-start", path: "/desk", set: () => undefined, act: async (page) => { await page.click("[data-start]"); await page.waitForSelector(".checks"); await page.waitForTimeout(400); await page.getByRole("button", { name: "I hear it" }).click(); } },
  { name: "desk-busy", path: "/desk", set: (it) => makeBusyDesk(it.desk), act: async (page, mock) => {
    await atWork(page);
    await page.fill("#compose", "Monday is on your mind. Would it help to look at it together, one hour at a ");
    offerTo(mock.desk, { queue: { region: "mountain", need: "veteran", channel: "voice" }, returning: true });
    await page.waitForSelector(".offer");
  } },
  { name: "desk-empty", path: "/desk", set: (it) => { it.desk.self = { ...it.desk.self, readiness: "available" }; it.desk.peers = PEERS; }, act: atWork },
  { name: "desk-handoff", path: "/desk", set: (it) => { makeBusyDesk(it.desk); const first = it.desk.contacts[0]; if (first) first.handoff = handoffInBriefing(); }, act: atWork },
  { name: "desk-whom", path: "/desk", set: (it) => makeBusyDesk(it.desk), themes: ["dark"], act: async (page) => { await atWork(page); await page.keyboard.press("F10"); await page.waitForSelector(".whom"); } },
  { name: "desk-call", path: "/desk", set: (it) => {
    it.desk.peers = PEERS;
    it.desk.self = { ...it.desk.self, readiness: "available", help: { level: "question", contact_id: "v1", asked_at_ms: networkNow() - 8_000, answered_by: "Ana", answered_at_ms: networkNow() } };
    it.desk.contacts = [contactOf({ contact_id: "v1", queue: { region: "west", need: "general", channel: "voice" }, person_leg: "in_room", counselor_leg: "in_room", connected_at_ms: networkNow() - 754_000, arrived_at_ms: networkNow() - 770_000 })];
  }, act: atWork, themes: ["light"] },
  { name: "desk-wrap-up", path: "/desk", set: (it) => { makeBusyDesk(it.desk); it.desk.contacts = [contactOf({ contact_id: "c1", state: "wrapping_up", part: "writing_up", outcome: "completed", wrap_up_ends_at_ms: networkNow() + 97_000, messages: it.desk.contacts[0]?.messages ?? [], messages_total: 7 })]; }, act: atWork, themes: ["dark"] },
  { name: "desk-lost", path: "/desk", set: (it) => makeBusyDesk(it.desk), themes: ["light"], act: async (page, mock) => {
    await atWork(page);
    await page.waitForTimeout(500);
    mock.accepting = false; mock.cut();
    await page.fill("#compose", "I am still here with you.");
    await page.keyboard.press("Control+Enter");
    await page.waitForSelector("[data-freshness=lost]", { timeout: 15_000 });
  } },
  { name: "board-busy-es", path: "/board?lang=es", set: (it) => makeBusy(it.board), height: 900, themes: ["light"] },
  { name: "desk-narrow", path: "/desk", set: (it) => makeBusyDesk(it.desk), act: atWork, width: 360, height: 740, themes: ["light"] },
];

async function take(browser: Browser, shot: Shot, theme: "light" | "dark"): Promise<void> {
  const mock = await new Mock().listen();
  shot.set(mock);
  const { page, context, errors } = await openPage(browser, mock.url + shot.path, { viewport: { width: shot.width ?? 1366, height: shot.height ?? 768 }, colorScheme: theme, permissions: [] });
  await page.waitForTimeout(500);
  await shot.act?.(page, mock);
  await page.waitForTimeout(500);
  const file = path.join(out, `${shot.name}${(shot.themes?.length ?? 2) > 1 ? `-${theme}` : ""}.png`);
  const png = indexed(await page.screenshot());
  await writeFile(file, png);
  const size = png.length;
  console.log(`${path.basename(file)} ${Math.round(size / 1024)} KB ${errors.join("; ")}`);
  await context.close();
  await mock.close();
}

await mkdir(out, { recursive: true });
if (!only) for (const it of await readdir(out)) if (it.endsWith(".png")) await rm(path.join(out, it));
const browser = await launch();
for (const shot of SHOTS.filter((it) => it.name.includes(only))) for (const theme of shot.themes ?? ["light", "dark"]) await take(browser, shot, theme);
await browser.close();
