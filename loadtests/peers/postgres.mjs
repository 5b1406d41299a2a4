// Postgres as a router: contacts and counselors are rows, a transaction with FOR UPDATE SKIP LOCKED joins them (postgres.sql), and
// the counselor is told when it has committed. This process is the desks' server: it enqueues, runs the matchers and is told.

import fs from "node:fs";
import path from "node:path";
import { program, Server, skip, unprivileged } from "./server.mjs";
import { asked_for, QUEUES, run } from "./trial.mjs";

const DEBIAN = "/usr/lib/postgresql";
/** From so many counselors on an index on the free ones pays; below, a scan of their one page is cheaper than its upkeep. */
const INDEX_FROM = 200;
/** An urgent contact stands before every other. */
const BEHIND = 2 ** 40;

const asked = asked_for({
  matchers: [1, 1, 64],
  pairs: [16, 1, 64],
  connections: [16, 1, 128],
  match: ["fastest", "matchers", "inline"],
  tell: ["direct", "notify"],
});

// One commit fewer before the counselor is told; a matcher that joins many pairs at once costs less when the line is long.
if (asked.match === "fastest") asked.match = asked.mode === "open" ? "inline" : "matchers";

const pg = await import("pg").catch(() => skip("the npm packages are missing: run npm ci in this directory"));

function skills(counselor) {
  if (counselor % 4 === 3) return 2 ** QUEUES - 1;
  return (1 << (counselor % QUEUES)) | (1 << ((counselor + 1) % QUEUES));
}

class Postgres {
  name = "postgres";
  #inline = asked.match === "inline" ? asked.pairs : 0;
  #notifies = asked.tell === "notify";
  #wanted = 0;
  #passes = 0;
  #under_way = 0;
  #again = false;

  takes(counselor, queue) {
    return (skills(counselor) & (1 << queue)) !== 0;
  }

  async start() {
    const debian = fs.existsSync(DEBIAN) ? fs.readdirSync(DEBIAN).sort((a, b) => b - a) : [];
    const folders = debian.map((it) => path.join(DEBIAN, it, "bin"));
    const [initdb, postgres] = [program("initdb", folders), program("postgres", folders)];
    if (initdb === undefined || postgres === undefined) skip("Postgres is missing: apt-get install postgresql");
    this.server = new Server(asked.dir, unprivileged(["postgres", "nobody"]));
    const data = path.join(this.server.folder, "data");
    this.server.run(initdb, ["-D", data, "-U", "peer", "-A", "trust", "-E", "UTF8", "--no-locale"]);
    const options = {
      listen_addresses: "",
      unix_socket_directories: this.server.folder,
      fsync: "on",
      synchronous_commit: "on",
      full_page_writes: "on",
      max_connections: asked.matchers + asked.connections + 20,
      shared_buffers: "256MB",
      max_wal_size: "4GB",
      checkpoint_timeout: "15min",
      autovacuum_naptime: "1s",
      jit: "off",
    };
    const args = Object.entries(options).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    this.server.start(postgres, ["-D", data, ...args], "SIGINT");
    const at = { host: this.server.folder, user: "peer", database: "postgres" };
    const first = await this.server.ready(async () => {
      const client = new pg.default.Client(at);
      client.on("error", (error) => this.fail(error));
      await client.connect();
      return client;
    });
    await first.query(fs.readFileSync(new URL("postgres.sql", import.meta.url), "utf8"));
    const all = Array.from({ length: asked.counselors }, (_, it) => it);
    await first.query("INSERT INTO counselors (id, skills) SELECT * FROM unnest($1::int[], $2::int[])", [all, all.map(skills)]);
    if (asked.counselors >= INDEX_FROM) {
      await first.query("CREATE INDEX counselors_free ON counselors (idle_since) INCLUDE (skills) WHERE state = 0");
    }
    await first.query("ANALYZE");
    this.desk = first;
    if (this.#notifies) {
      first.on("notification", (it) => this.#tell(it.payload));
      await first.query("LISTEN told");
    }
    this.pool = await this.#pool(at, asked.connections);
    this.matchers = await this.#pool(at, asked.matchers);
  }

  async #pool(at, max) {
    const pool = new pg.default.Pool({ ...at, max, min: max, idleTimeoutMillis: 0 });
    pool.on("error", (error) => this.fail(error));
    pool.on("connect", (client) => client.setMaxListeners(0));
    const all = await Promise.all(Array.from({ length: max }, () => pool.connect()));
    for (const it of all) it.release();
    return pool;
  }

  #tell(pairs) {
    for (const pair of pairs.split(",")) {
      if (pair === "") continue;
      const [contact, counselor] = pair.split(":");
      this.on_told(Number(contact), Number(counselor));
    }
  }

  /** Runs one prepared call that may join pairs; `leaves` says that it leaves something to match when it joined none. */
  async #call(pool, name, text, values, leaves) {
    this.#under_way += 1;
    const { rows } = await pool.query({ name, text, values, rowMode: "array" });
    this.#under_way -= 1;
    const [pairs, collided, done] = rows[0];
    if (!this.#notifies && pairs !== "") this.#tell(pairs);
    // Whoever held the other part has not committed yet: look again when the next call is done, at once when there is none.
    if (this.#again || (leaves && pairs === "" && !collided)) this.#want();
    this.#again = collided;
    if (collided && this.#under_way === 0) this.#want();
    return { pairs, done };
  }

  /** At least one pass begins after this. */
  #want() {
    this.#wanted = Math.min(this.#wanted + 1, asked.matchers);
    this.#begin();
  }

  #begin() {
    while (this.#wanted > 0 && this.#passes < asked.matchers) {
      this.#wanted -= 1;
      this.#passes += 1;
      this.#pass().catch(this.fail);
    }
  }

  async #pass() {
    const text = "SELECT pairs, collided FROM pass($1, $2)";
    const { pairs } = await this.#call(this.matchers, "pass", text, [asked.pairs, this.#notifies], false);
    this.#passes -= 1;
    if (pairs !== "") this.#want();
    else this.#begin();
  }

  async enqueue(contact, queue, urgent) {
    const values = [contact, queue, urgent ? contact : BEHIND + contact, this.#inline, this.#notifies];
    await this.#call(this.pool, "arrive", "SELECT pairs, collided FROM arrive($1, $2, $3, $4, $5)", values, true);
  }

  async accept(contact, counselor, frees) {
    const values = [contact, counselor, frees, this.#inline, this.#notifies];
    const text = "SELECT pairs, collided, done FROM accept($1, $2, $3, $4, $5)";
    return (await this.#call(this.pool, "accept", text, values, frees)).done;
  }

  async free(counselor) {
    const text = "SELECT pairs, collided FROM free($1, $2, $3)";
    await this.#call(this.pool, "free", text, [counselor, this.#inline, this.#notifies], true);
  }

  cpu_us() {
    return this.server.cpu_us();
  }

  /** What the database itself holds to have happened. */
  async audit(contacts) {
    const { rows } = await this.desk.query(`
      SELECT count(*)::int AS all, count(*) FILTER (WHERE c.state = 2 AND c.accepts = 1)::int AS accepted,
        count(*) FILTER (WHERE w.skills & (1 << c.queue) = 0)::int AS ineligible
      FROM contacts c LEFT JOIN counselors w ON w.id = c.counselor`);
    const busy = (await this.desk.query("SELECT count(*)::int AS it FROM counselors WHERE state <> 0")).rows[0].it;
    const doubled = (await this.desk.query(`
      SELECT count(*)::int AS it FROM (
        SELECT offered_at, lag(accepted_at) OVER (PARTITION BY counselor ORDER BY offered_at) AS before FROM contacts) c
      WHERE before > offered_at`)).rows[0].it;
    const it = rows[0];
    const found = [];
    if (it.all !== contacts) found.push(`the table has ${it.all} contacts of ${contacts}`);
    if (it.accepted !== contacts) found.push(`the table has ${it.accepted} accepts of ${contacts}`);
    if (it.ineligible !== 0) found.push(`the table has ${it.ineligible} contacts with a counselor who may not take them`);
    if (busy !== 0) found.push(`the table has ${busy} counselors who are not free`);
    if (doubled !== 0) found.push(`the table has ${doubled} contacts offered to a counselor before the last was accepted`);
    for (const [name, expected] of [["fsync", "on"], ["synchronous_commit", "on"]]) {
      const value = (await this.desk.query(`SHOW ${name}`)).rows[0][name];
      if (value !== expected) found.push(`${name} is ${value}`);
    }
    return found;
  }

  async versions() {
    const { rows } = await this.desk.query("SHOW server_version");
    const own = JSON.parse(fs.readFileSync(new URL("package.json", import.meta.url), "utf8")).dependencies;
    return { postgres: rows[0].server_version, pg: own.pg };
  }

  async stop() {
    await this.server?.stop();
  }
}

await run(new Postgres(), asked);
