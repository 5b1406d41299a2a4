// BullMQ on Redis as a router: a queue of jobs for every queue of contacts, its processor slots are the counselors, a job's processor
// is told and its completion is the accept. It has no counselor with several skills and, as used here, no urgency.

import fs from "node:fs";
import path from "node:path";
import { program, Server, skip, unprivileged } from "./server.mjs";
import { asked_for, QUEUES, run } from "./trial.mjs";

const asked = asked_for({ appendfsync: ["always", "everysec"] });

const missing = () => skip("the npm packages are missing: run npm ci in this directory");
const { Queue, Worker } = await import("bullmq").catch(missing);
const { Redis } = await import("ioredis").catch(missing);

class Bullmq {
  name = "bullmq";
  /** Free counselors of each queue, the one idle longest first. */
  #idle = Array.from({ length: QUEUES }, () => []);
  /** By counselor: ends the job it holds. */
  #ends = new Map();
  /** By contact: hears that its completion is durable. */
  #heard = new Map();

  takes(counselor, queue) {
    return counselor % QUEUES === queue;
  }

  async start() {
    const redis = program("redis-server");
    if (redis === undefined) skip("Redis is missing: apt-get install redis-server");
    this.server = new Server(asked.dir, unprivileged(["redis", "nobody"]));
    const socket = path.join(this.server.folder, "socket");
    const options = {
      port: 0,
      unixsocket: socket,
      unixsocketperm: 700,
      dir: this.server.folder,
      appendonly: "yes",
      appendfsync: asked.appendfsync,
      save: "",
      "maxmemory-policy": "noeviction",
    };
    this.server.start(redis, Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]), "SIGTERM");
    await this.server.ready(async () => {
      if (!fs.existsSync(socket)) throw new Error("no socket yet");
      const client = new Redis({ path: socket, lazyConnect: true, retryStrategy: () => null });
      client.on("error", () => {});
      await client.connect();
      this.redis = client;
    });
    const connection = () => {
      const client = new Redis({ path: socket, maxRetriesPerRequest: null });
      client.on("error", () => {});
      return client;
    };
    for (let it = 0; it < asked.counselors; it += 1) this.#idle[it % QUEUES].push(it);
    this.queues = this.#idle.map((_, it) => new Queue(`queue-${it}`, { connection: connection() }));
    // In a closed loop more slots than contacts in flight would only cost.
    const most = asked.mode === "rate" ? asked["in-flight"] : Infinity;
    this.slots = this.#idle.map((free, it) => {
      const concurrency = Math.min(free.length, most);
      const slot = new Worker(`queue-${it}`, (job) => this.#hold(job, it), { connection: connection(), concurrency });
      slot.on("completed", (job) => this.#completed(job));
      slot.on("failed", (_, error) => this.fail(error));
      slot.on("error", (error) => this.fail(error));
      return slot;
    });
    await Promise.all(this.slots.map((it) => it.waitUntilReady()));
  }

  #hold(job, queue) {
    const counselor = this.#idle[queue].shift();
    const { contact } = job.data;
    const ended = new Promise((resolve) => {
      this.#ends.set(counselor, () => {
        this.#ends.delete(counselor);
        this.#idle[queue].push(counselor);
        const heard = new Promise((hear) => this.#heard.set(contact, hear));
        resolve();
        return heard;
      });
    });
    this.on_told(contact, counselor);
    return ended;
  }

  #completed(job) {
    const { contact } = job.data;
    this.#heard.get(contact)();
    this.#heard.delete(contact);
  }

  async enqueue(contact, queue) {
    await this.queues[queue].add("contact", { contact }, { removeOnComplete: true, removeOnFail: false });
  }

  /** The claim was made durable before the processor was told; a counselor who talks on keeps the job active. */
  async accept(_, counselor, frees) {
    if (frees) await this.#ends.get(counselor)();
    return true;
  }

  async free(counselor) {
    await this.#ends.get(counselor)();
  }

  cpu_us() {
    return this.server.cpu_us();
  }

  async audit() {
    const found = [];
    for (const it of this.queues) {
      const counts = await it.getJobCounts();
      for (const [state, count] of Object.entries(counts)) {
        if (count !== 0) found.push(`${it.name} has ${count} jobs ${state}`);
      }
    }
    const [, fsync] = await this.redis.config("GET", "appendfsync");
    if (fsync !== asked.appendfsync) found.push(`appendfsync is ${fsync}`);
    const persistence = await this.redis.info("persistence");
    if (!persistence.includes("aof_enabled:1") || !persistence.includes("aof_last_write_status:ok")) found.push("Redis does not append");
    return found;
  }

  async versions() {
    const server = await this.redis.info("server");
    const own = JSON.parse(fs.readFileSync(new URL("package.json", import.meta.url), "utf8")).dependencies;
    return { redis: /redis_version:(\S+)/.exec(server)?.[1], bullmq: own.bullmq, ioredis: own.ioredis };
  }

  async stop() {
    await this.server?.stop();
  }
}

await run(new Bullmq(), asked);
