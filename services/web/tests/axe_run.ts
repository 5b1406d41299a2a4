// axe at work on a page: every rule of WCAG 2.2 AA and best practice, whatever the page looks like at the moment.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
export const LOOKS = [{ colorScheme: "light", forcedColors: "none" }, { colorScheme: "dark", forcedColors: "none" }, { colorScheme: "light", forcedColors: "active" }] as const;

interface Violation { id: string; nodes: { html: string; failureSummary: string }[] }

/** What axe has to say; empty if nothing. */
export async function violations(page: Page): Promise<string[]> {
  if (await page.evaluate(() => !("axe" in window))) await page.evaluate(axe);
  const found = await page.evaluate(async (tags) => {
    const run = (window as unknown as { axe: { run: (at: Document, options: object) => Promise<{ violations: Violation[] }> } }).axe.run;
    return (await run(document, { runOnly: tags, resultTypes: ["violations"] })).violations;
  }, TAGS);
  return found.map((it) => `${it.id}: ${it.nodes.slice(0, 3).map((one) => `${one.html.slice(0, 160)} ${one.failureSummary.slice(0, 300)}`).join(" | ")}`);
}
