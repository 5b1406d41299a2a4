// The work every peer is given and how it is timed: contacts arrive, a free counselor who may take one is told, accepts, is free
// again. Closed loop for the rate, open loop from the intended start for the latencies. Leaves out how a peer does it.

import { parseArgs } from "node:util";
import { follow, now, poisson, random } from "./arrivals.mjs";
import { Ledger } from "./ledger.mjs";
import { memory, parent_folder } from "./server.mjs";

export const QUEUES = 4;
const URGENT_SHARE = 0.1;
/** Contacts waiting at all times in the second half of an open-loop run. */
const STANDING = 200;
/** The exit code of a command line that cannot be followed. */
const WRONG_USE = 2;

const RANGES = {
  counselors: [16, 4, 10_000],
  "in-flight": [64, 1, 1024],
  rate: [200, 1, 20_000],
  seconds: [10, 1, 600],
  "warmup-seconds": [2, 0, 60],
  seed: [1, 0, 2 ** 32 - 1],
  "limit-seconds": [0, 0, 3600],
};

/** Reads `rate|open` and the flags; `more` holds a peer's own, as [default, least, most] or [default, ...words]. */
export function settings(more = {}, argv = process.argv.slice(2)) {
  const all = { ...RANGES, ...more };
  const flags = Object.fromEntries(Object.keys(all).map((it) => [it, { type: "string" }]));
  const { values, positionals } = parseArgs({ args: argv, options: { ...flags, dir: { type: "string" } }, allowPositionals: true });
  const out = { mode: positionals[0], dir: values.dir ?? parent_folder };
  if (positionals.length !== 1 || !["rate", "open"].includes(out.mode)) throw new Error("mode: say rate or open");
  if (memory(out.dir)) throw new Error(`dir: ${out.dir} is in memory (tmpfs), where durability costs nothing; name one on a disk`);
  for (const [name, [usual, ...range]] of Object.entries(all)) {
    const given = values[name] ?? String(usual);
    if (typeof usual === "string") {
      if (![usual, ...range].includes(given)) throw new Error(`${name}: ${given} is none of ${[usual, ...range].join(", ")}`);
      out[name] = given;
    } else {
      const it = Number(given);
      if (!Number.isInteger(it) || it < range[0] || it > range[1]) {
        throw new Error(`${name}: ${given} is not a whole number from ${range[0]} to ${range[1]}`);
      }
      out[name] = it;
    }
  }
  return out;
}

/** The settings of this program's own command line; a wrong one is named and ends it. */
export function asked_for(more) {
  try {
    return settings(more);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(WRONG_USE);
  }
}

/** p50, p99 and max of exact samples, in ms with microseconds; null when there are none. */
export function percentiles(samples) {
  if (samples.length === 0) return null;
  const sorted = Float64Array.from(samples).sort();
  const at = (share) => Number(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)].toFixed(3));
  return { p50: at(0.5), p99: at(0.99), max: at(1), count: sorted.length };
}

/** One run: the peer, the ledger, and what the counselors do when told. */
class Trial {
  constructor(peer, asked) {
    this.peer = peer;
    this.asked = asked;
    this.ledger = new Ledger((counselor, queue) => peer.takes(counselor, queue));
    this.draw = random(asked.seed);
    this.contacts = 0;
    this.open = new Map();
    this.told_ms = [];
    this.freed_ms = [];
    this.late_ms = [];
    this.measuring = false;
    this.counted = 0;
    // In the second half of an open loop counselors hold what they accepted until the schedule frees them.
    this.holds = false;
    this.held = [];
    this.overdue = [];
    this.freed_at = new Map();
    this.freeing = new Set();
    peer.on_told = (contact, counselor) => this.told(contact, counselor);
  }

  /** A contact whose intended start is `from`: two promises, that its arrival is durable and that its accept is. */
  arrive(from, queue = Math.floor(this.draw() * QUEUES)) {
    const id = (this.contacts += 1);
    this.ledger.arrived(id, queue);
    const accepted = new Promise((resolve) => this.open.set(id, { from, queue, resolve }));
    const arrived = this.peer.enqueue(id, queue, this.draw() < URGENT_SHARE);
    const done = Promise.all([arrived, accepted]).then(() => void this.open.delete(id));
    return { arrived, done };
  }

  told(contact, counselor) {
    const at = now();
    const it = this.open.get(contact);
    this.ledger.told(contact, counselor);
    if (it === undefined) return;
    const freed = this.freed_at.get(counselor);
    this.freed_at.delete(counselor);
    if (this.measuring && this.holds && freed !== undefined) this.freed_ms.push(at - freed);
    if (this.measuring && !this.holds) this.told_ms.push(at - it.from);
    const frees = !this.holds;
    if (frees) this.ledger.freed(counselor);
    this.peer.accept(contact, counselor, frees).then((done) => {
      this.ledger.accepted(contact, done);
      if (this.measuring) this.counted += 1;
      it.resolve();
      if (!frees) this.hold({ counselor, queue: it.queue });
    }, this.peer.fail);
  }

  hold(one) {
    if (!this.holds) return this.free(one, undefined);
    if (this.overdue.length > 0) return this.free(one, this.overdue.shift());
    this.held.push(one);
  }

  /** Frees a counselor at an intended time; in the second half another contact takes the place of the one that ended. */
  free({ counselor, queue }, intended) {
    if (intended !== undefined) {
      this.freed_at.set(counselor, intended);
      this.keep(this.arrive(intended, queue).done);
    }
    this.ledger.freed(counselor);
    this.keep(this.peer.free(counselor));
  }

  /** Remembers work under way until it is done; there is never more than was scheduled. */
  keep(promise) {
    const it = promise.then(() => this.freeing.delete(it), this.peer.fail);
    this.freeing.add(it);
  }

  async settle() {
    while (this.freeing.size > 0) await Promise.all(this.freeing);
  }

  begin() {
    this.measuring = true;
    this.counted = 0;
    this.window = { at: now(), server: this.peer.cpu_us(), client: process.cpuUsage() };
  }

  end() {
    this.measuring = false;
    const client = process.cpuUsage(this.window.client);
    const [seconds, server] = [(now() - this.window.at) / 1e3, this.peer.cpu_us() - this.window.server];
    const each = (it) => Number((it / this.counted).toFixed(1));
    return {
      contacts: this.counted,
      seconds: Number(seconds.toFixed(3)),
      rate_per_s: Number((this.counted / seconds).toFixed(1)),
      cpu_us_per_contact: { server: each(server), client: each(client.user + client.system) },
    };
  }

  /** As many contacts a second as 64 in flight (or as many as asked) give. */
  async rate() {
    const from = now();
    const begins = from + this.asked["warmup-seconds"] * 1e3;
    const ends = begins + this.asked.seconds * 1e3;
    let result;
    const one = async () => {
      for (let at = now(); at < ends; at = now()) await this.arrive(at).done;
    };
    const begin = setTimeout(() => this.begin(), begins - from);
    const end = setTimeout(() => (result = this.end()), ends - from);
    await Promise.all(Array.from({ length: this.asked["in-flight"] }, one));
    clearTimeout(begin);
    while (result === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    clearTimeout(end);
    return result;
  }

  /** A schedule followed after a warm-up that is not counted. */
  async scheduled(seed, act) {
    const { rate, seconds, "warmup-seconds": warmup } = this.asked;
    await follow(poisson(rate, warmup, seed ^ 0x5bd1e995), act);
    this.begin();
    await follow(poisson(rate, seconds, seed), (at) => {
      this.late_ms.push(now() - at);
      act(at);
    });
    return this.end();
  }

  /** First half: contacts arrive while counselors are free. Second half: counselors become free while contacts wait. */
  async open_loop() {
    const result = await this.scheduled(this.asked.seed, (at) => this.keep(this.arrive(at).done));
    await this.settle();
    this.holds = true;
    let filled = 0;
    const fill = this.asked.counselors + STANDING;
    const filler = async () => {
      while (filled < fill) {
        const { arrived, done } = this.arrive(now(), filled++ % QUEUES);
        this.keep(done);
        await arrived;
      }
    };
    await Promise.all(Array.from({ length: 16 }, filler));
    while (this.held.length < this.asked.counselors) await new Promise((resolve) => setTimeout(resolve, 5));
    await this.scheduled(this.asked.seed + 1, (at) => {
      const one = this.held.shift();
      if (one === undefined) this.overdue.push(at);
      else this.free(one, at);
    });
    while (this.overdue.length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    this.holds = false;
    for (const one of this.held.splice(0)) this.free(one, undefined);
    await this.settle();
    return result;
  }
}

/** Runs what was asked on a started peer and prints the one JSON object, or says what was wrong and exits 1. */
export async function run(peer, asked) {
  const limit_s = asked["limit-seconds"] || 4 * (asked.seconds + asked["warmup-seconds"]) + 60;
  const problem = (text) => {
    process.stderr.write(`${peer.name}: ${text}\n`);
    process.exitCode = 1;
    Promise.resolve(peer.stop()).finally(() => process.exit(1));
  };
  const limit = setTimeout(() => problem(`not done after ${limit_s} s`), limit_s * 1e3);
  let over = false;
  // What a peer says while its server is being stopped is no failure of the run.
  peer.fail = (error) => {
    if (!over) problem(error.stack ?? String(error));
    over = true;
  };
  process.on("uncaughtException", peer.fail);
  await peer.start();
  const trial = new Trial(peer, asked);
  const result = await (asked.mode === "rate" ? trial.rate() : trial.open_loop());
  const problems = [...trial.ledger.verdict(), ...(await peer.audit(trial.contacts))];
  const versions = { ...(await peer.versions()), node: process.versions.node };
  over = true;
  await peer.stop();
  clearTimeout(limit);
  if (problems.length > 0) {
    process.stderr.write(`${peer.name}: ${problems.join("\n")}\n`);
    process.exit(1);
  }
  const { contacts, seconds, rate_per_s, cpu_us_per_contact } = result;
  const { dir, mode, ...rest } = asked;
  const line = {
    peer: peer.name,
    mode,
    contacts,
    seconds,
    rate_per_s,
    told_ms: percentiles(trial.told_ms),
    freed_to_told_ms: percentiles(trial.freed_ms),
    cpu_us_per_contact,
    late_ms: percentiles(trial.late_ms),
    settings: rest,
    versions,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  process.exit(0);
}
