// When things happen: a seeded Poisson schedule kept by a thread of its own, so that neither the event loop's millisecond timers nor
// a busy peer shift an intended start. Leaves out what happens at each start (trial.mjs).

import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

/** Milliseconds on the machine's monotonic clock, the same in every thread. */
export function now() {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

/** A small seeded generator (mulberry32): the same seed gives the same numbers in [0, 1). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let it = Math.imul(state ^ (state >>> 15), state | 1);
    it ^= it + Math.imul(it ^ (it >>> 7), it | 61);
    return ((it ^ (it >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Intended starts in ms from 0, exponential gaps, all before `seconds`: at most 2 x rate x seconds of them. */
export function poisson(ratePerS, seconds, seed) {
  const draw = random(seed);
  const starts = [];
  const most = 2 * ratePerS * seconds + 100;
  for (let at = 0; starts.length < most; ) {
    at += (-Math.log(1 - draw()) * 1e3) / ratePerS;
    if (at >= seconds * 1e3) break;
    starts.push(at);
  }
  return starts;
}

/** Calls `each(intended_ms)` for every start, on the clock of `now`; resolves after the last. */
export function follow(starts, each) {
  return new Promise((resolve, reject) => {
    const from = now() + 50;
    const thread = new Worker(new URL(import.meta.url), { workerData: { starts, from } });
    thread.on("message", (due) => due.forEach((it) => each(it)));
    thread.on("error", reject);
    thread.on("exit", resolve);
  });
}

if (!isMainThread && workerData?.starts) {
  const still = new Int32Array(new SharedArrayBuffer(4));
  const { starts, from } = workerData;
  for (let next = 0; next < starts.length; ) {
    const wait_ms = from + starts[next] - now();
    if (wait_ms > 0) Atomics.wait(still, 0, 0, wait_ms);
    const due = [];
    for (const at = now(); next < starts.length && from + starts[next] <= at; next += 1) due.push(from + starts[next]);
    if (due.length > 0) parentPort.postMessage(due);
  }
}
