// The colours: text at 7:1 on every ground it may stand on, marks at 4.5:1, borders and focus at 3:1, in every theme.
import assert from "node:assert/strict";
import { test } from "node:test";
import { themes, tokensCss } from "../app/look/tokens.mjs";

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((it) => (it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4));
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

const GROUNDS = ["bg", "surface", "raised", "sunken"];
const PAIRS: [string, string[], number][] = [
  ["text", [...GROUNDS, "accent-ground"], 7], ["muted", [...GROUNDS, "accent-ground"], 7], ["accent", ["bg", "surface", "raised", "accent-ground"], 7], ["on-accent", ["accent"], 7],
  ["watch", ["watch-ground", "surface"], 7], ["act", ["surface", "raised"], 7], ["on-act", ["act"], 7], ["stale", ["stale-ground", "surface"], 7],
  ["watch-edge", ["surface"], 3], ["border", GROUNDS, 3], ["focus", [...GROUNDS, "accent-ground"], 4.5],
];

for (const [name, theme] of Object.entries(themes)) {
  test(`${name}: every pair has its contrast`, () => {
    for (const [ink, grounds, least] of PAIRS) {
      for (const ground of grounds) {
        const found = contrast(theme[ink] ?? "", theme[ground] ?? "");
        assert.ok(found >= least, `${ink} on ${ground} has ${found.toFixed(2)}:1, needs ${least}:1`);
      }
    }
  });
}

test("every theme has the same tokens, and the style sheet has them all", () => {
  for (const theme of Object.values(themes)) assert.deepEqual(Object.keys(theme), Object.keys(themes.light));
  const css = tokensCss();
  for (const value of Object.values(themes.dark)) assert.ok(css.includes(value));
});
