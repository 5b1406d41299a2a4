// The instruments themselves, and one short run of each peer where its server is installed.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { follow, now, poisson } from "./arrivals.mjs";
import { Ledger } from "./ledger.mjs";
import { percentiles, settings } from "./trial.mjs";

const SKIPPED = 77;
const SLOW = { pairs: [16, 1, 64], tell: ["direct", "notify"] };

/** A ledger after these steps; each counselor takes the queue of its own number. */
function after(...steps) {
  const ledger = new Ledger((counselor, queue) => counselor === queue);
  for (const [step, ...what] of steps) ledger[step](...what);
  return ledger.verdict().join("\n");
}

test("a ledger of contacts taken once each has nothing to say", () => {
  const two = [["arrived", 1, 5], ["arrived", 2, 5], ["told", 1, 5], ["accepted", 1, true], ["freed", 5]];
  assert.equal(after(...two, ["told", 2, 5], ["freed", 5], ["accepted", 2, true]), "");
});

test("a ledger names what went wrong", () => {
  const told = [["arrived", 1, 5], ["told", 1, 5]];
  const over = [...told, ["accepted", 1, true], ["freed", 5]];
  assert.match(after(["arrived", 1, 5]), /1 of 1 contacts were not accepted/);
  assert.match(after(...told, ["accepted", 1, true]), /1 counselors were never freed/);
  assert.match(after(...told, ["accepted", 1, false], ["freed", 5]), /the accept of contact 1 was refused/);
  assert.match(after(...over, ["accepted", 1, true]), /accepted twice/);
  assert.match(after(...over, ["told", 1, 5]), /told to 5 and to 5/);
  assert.match(after(...over, ["freed", 5]), /freed while free/);
  assert.match(after(["arrived", 1, 5], ["told", 1, 6]), /counselor 6 may not take queue 5/);
  assert.match(after(...told, ["arrived", 2, 5], ["told", 2, 5]), /told of 2 while holding another/);
  assert.match(after(["told", 9, 5]), /never arrived/);
});

test("a schedule is the same for the same seed, another for another, and as dense as asked", () => {
  const starts = poisson(1000, 20, 7);
  assert.deepEqual(starts, poisson(1000, 20, 7));
  assert.notDeepEqual(starts, poisson(1000, 20, 8));
  assert.ok(Math.abs(starts.length - 20_000) < 600, `${starts.length} starts`);
  assert.ok(starts.every((it, at) => it < 20_000 && (at === 0 || it > starts[at - 1])));
});

test("every start of a schedule is called once, in order, never before its time", async () => {
  const starts = poisson(500, 0.4, 3);
  const seen = [];
  await follow(starts, (at) => seen.push([at, now()]));
  assert.equal(seen.length, starts.length);
  assert.ok(seen.every(([at, called]) => called >= at));
  seen.forEach(([at], it) => assert.ok(Math.abs(at - seen[0][0] - (starts[it] - starts[0])) < 1e-6));
});

test("percentiles are exact ranks", () => {
  const samples = Array.from({ length: 1000 }, (_, it) => 1000 - it);
  assert.deepEqual(percentiles(samples), { p50: 500, p99: 990, max: 1000, count: 1000 });
  assert.equal(percentiles([]), null);
});

test("flags have ranges, and a wrong one is named", () => {
  assert.equal(settings(SLOW, ["open", "--rate", "1000"]).rate, 1000);
  assert.equal(settings(SLOW, ["rate"]).tell, "direct");
  assert.throws(() => settings(SLOW, []), /mode: say rate or open/);
  assert.throws(() => settings(SLOW, ["rate", "--counselors", "3"]), /counselors: 3 is not a whole number from 4 to 10000/);
  assert.throws(() => settings(SLOW, ["rate", "--dir", "/nowhere"]), /ENOENT/);
  assert.throws(() => settings(SLOW, ["rate", "--tell", "pigeon"]), /tell: pigeon is none of direct, notify/);
});

/** Runs a peer below a directory of its own and says how it ended and what it left there. */
async function peer(name, args, signal) {
  const parent = fs.mkdtempSync(path.join(os.tmpdir(), "peers-test-"));
  fs.chmodSync(parent, 0o755);
  const program = path.join(import.meta.dirname, `${name}.mjs`);
  const child = spawn(process.execPath, [program, ...args, "--dir", parent], { stdio: ["ignore", "pipe", "pipe"] });
  const said = { stdout: "", stderr: "" };
  for (const it of Object.keys(said)) child[it].on("data", (data) => (said[it] += data));
  const ended = new Promise((resolve) => child.on("close", resolve));
  if (signal !== undefined) {
    while (child.exitCode === null && fs.readdirSync(parent).length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    await new Promise((resolve) => setTimeout(resolve, 2000));
    child.kill(signal);
  }
  const code = await ended;
  const left = fs.readdirSync(parent);
  fs.rmSync(parent, { recursive: true });
  return { code, left, ...said };
}

const RUNS = [
  ["postgres", []],
  ["postgres", ["--match", "inline", "--tell", "notify", "--matchers", "8", "--pairs", "1", "--counselors", "200"]],
  ["bullmq", []],
];

for (const [name, more] of RUNS) {
  for (const mode of ["rate", "open"]) {
    test(`${name} ${mode} ${more.join(" ")}: each contact once, one JSON object, nothing left`, async (t) => {
      const it = await peer(name, [mode, "--seconds", "1", "--warmup-seconds", "1", ...more]);
      if (it.code === SKIPPED) return t.skip(it.stderr.trim());
      assert.equal(it.code, 0, it.stderr);
      assert.deepEqual(it.left, []);
      const result = JSON.parse(it.stdout);
      assert.equal(result.peer, name);
      assert.equal(result.mode, mode);
      assert.ok(result.contacts > 0 && result.told_ms.count > 0 && result.cpu_us_per_contact.client > 0);
      assert.equal(result.freed_to_told_ms !== null, mode === "open");
    });
  }
}

for (const name of ["postgres", "bullmq"]) {
  test(`${name} told to stop takes its server and its directory with it`, async (t) => {
    const it = await peer(name, ["rate", "--seconds", "60"], "SIGTERM");
    if (it.code === SKIPPED) return t.skip(it.stderr.trim());
    assert.equal(it.code, 143, it.stderr);
    assert.deepEqual(it.left, []);
    assert.equal(it.stdout, "");
  });
}
