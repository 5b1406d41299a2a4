// The pieces that decide by themselves: how many parts a text has, how old data is, what a request id is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { segments } from "../app/desk/segments.ts";
import { age, ageAt, freshness, freshnessOf, heard, serverNow, tick } from "../app/line/clock.ts";
import { requestId } from "../app/line/request_id.ts";

test("a text is cut where carriers cut it", () => {
  assert.equal(segments("").parts, 0);
  assert.equal(segments("a".repeat(160)).parts, 1);
  assert.equal(segments("a".repeat(161)).parts, 2);
  assert.equal(segments("a".repeat(306)).parts, 2);
  assert.equal(segments("a".repeat(307)).parts, 3);
  assert.equal(segments("€".repeat(80)).parts, 1);
  assert.equal(segments("€".repeat(81)).parts, 2);
  assert.equal(segments("ñandú").parts, 1);
  assert.equal(segments("đ".repeat(70)).parts, 1);
  assert.equal(segments("đ".repeat(71)).parts, 2);
  assert.deepEqual(segments("🌱"), { characters: 1, bytes: 4, parts: 1 });
});

test("Live, Late and Lost come from the age alone", () => {
  assert.equal(freshnessOf(0, 0), "live");
  assert.equal(freshnessOf(2_000, 0), "live");
  assert.equal(freshnessOf(2_001, 0), "late");
  assert.equal(freshnessOf(5_001, 0), "lost");
  assert.equal(freshnessOf(Infinity, 100), "starting");
  assert.equal(freshnessOf(Infinity, 5_000), "lost");
});

test("the age counts what the router was silent and what a frame lay in the network", () => {
  const local = performance.now();
  heard(5_000_000, 300, true);
  assert.ok(Math.abs(serverNow() - 5_000_000) < 50);
  assert.ok(ageAt(performance.now()) >= 300 && ageAt(performance.now()) < 400);
  // Written long before it comes: as old as that.
  heard(5_000_000 + (performance.now() - local) - 3_000, 0, false);
  heard(5_000_001 + (performance.now() - local) - 2_999, 0, false);
  tick();
  assert.ok(age.value >= 2_900, `${age.value}`);
  assert.equal(freshness.value, "late");
  // A time that is told again tells nothing of delay: a quiet network is not a late one.
  heard(6_000_000, 100, true);
  heard(6_000_000, 100, false);
  assert.ok(ageAt(performance.now()) < 200);
});

test("a request id is a UUID of version 4, and another each time", () => {
  const all = new Set(Array.from({ length: 1_000 }, requestId));
  assert.equal(all.size, 1_000);
  for (const it of all) assert.match(it, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
