// The house rules of this folder: weights of the bundles, nothing of anybody else's in them, no host or machine in the lock file, short
// files that say what they are for.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { row } from "./browser.ts";

const here = path.resolve(path.dirname(new URL(import.meta.url).pathname), "..");
const assets = path.join(here, "dist/assets");
const sizeOf = (stems: string[]) => readdirSync(assets).filter((it) => it.endsWith(".gz") && stems.some((stem) => it.startsWith(`${stem}-`))).reduce((sum, it) => sum + statSync(path.join(assets, it)).size, 0);

test("a page weighs what it may, compressed, with style sheet and worker", () => {
  const weights = { board: sizeOf(["board", "line"]), desk: sizeOf(["desk", "line"]), wall: sizeOf(["wall", "line"]) };
  row(10, `board ${(weights.board / 1024).toFixed(1)}, desk ${(weights.desk / 1024).toFixed(1)}, wall ${(weights.wall / 1024).toFixed(1)} KB with style sheet and worker`);
  assert.ok(weights.board > 10_000 && weights.board <= 60 * 1024, `board: ${weights.board}`);
  assert.ok(weights.desk > 10_000 && weights.desk <= 90 * 1024, `desk: ${weights.desk}`);
  assert.ok(weights.wall <= 60 * 1024, `wall: ${weights.wall}`);
});

test("no bundle names another host, and none needs more than 'self'", () => {
  for (const name of readdirSync(assets).filter((it) => /\.(js|css)$/.test(it))) {
    const text = readFileSync(path.join(assets, name), "utf8");
    for (const [url] of text.matchAll(/(https?:)?\/\/[a-z0-9-]+\.[a-z]{2,}/g)) assert.ok(url.includes("www.w3.org"), `${name} names ${url}`);
    assert.ok(!/@import|@font-face|url\(|\beval\(|new Function/.test(text), `${name} needs more than 'self'`);
  }
  for (const face of ["desk", "board", "wall"]) {
    const html = readFileSync(path.join(here, `dist/${face}.html`), "utf8");
    assert.ok(!/ style=|<style|<script(?![^>]*(src=|application\/json))/.test(html), face);
    assert.ok(html.includes("/board/plain") && html.includes("{{boot}}"));
  }
});

test("the lock file names no host and no machine", () => {
  const lock = readFileSync(path.join(here, "package-lock.json"), "utf8");
  assert.ok(!lock.includes('"resolved"') && !lock.includes("file:") && !lock.includes(here));
});

test("which Node the tests need is the same wherever it is said", () => {
  const read = (name: string) => readFileSync(path.join(here, name), "utf8");
  const { engines } = JSON.parse(read("package.json")) as { engines: { node: string } };
  const version = engines.node.replace(">=", "");
  for (const name of ["../../deploy/test.sh", "../../deploy/needs.sh", "../../README.md"]) assert.ok(read(name).includes(`${version} or later`), name);
});

test("every file says what it is for and is short enough to read", () => {
  for (const folder of ["app", "tests"]) {
    for (const name of readdirSync(path.join(here, folder), { recursive: true }).map(String).filter((it) => /\.(tsx?|mjs|css)$/.test(it))) {
      const text = readFileSync(path.join(here, folder, name), "utf8");
      assert.ok(/^(\/\/|\/\*) ?\S/.test(text), `${name} does not open with what it is for`);
      assert.ok(text.split("\n").length <= 500, `${name} is too long`);
    }
  }
});
