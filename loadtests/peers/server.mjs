// A database server of our own for one run: started in a new directory on the disk, measured through /proc, stopped and removed
// whatever ends the run. It listens on a Unix socket in that directory only. Leaves out which server it is.

import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const TMPFS = 0x01021994;
const STOP_MAX_MS = 20_000;
/** The exit code of a run that could not be tried here. */
const SKIPPED = 77;

/** Ends the program: something to install is missing. */
export function skip(reason) {
  process.stderr.write(`skipped: ${reason}\n`);
  process.exit(SKIPPED);
}

/** Whether a directory is on a memory file system. */
export function memory(folder) {
  return fs.statfsSync(folder).type === TMPFS;
}

/** The program of this name in `folders` or on the path, else undefined. */
export function program(name, folders = []) {
  const all = [...folders, ...(process.env.PATH ?? "").split(":"), "/usr/sbin"];
  return all.map((it) => path.join(it, name)).find((it) => fs.existsSync(it));
}

/** The user a server runs as: ourselves, or when we are root (which Postgres refuses) the first of `names` that exists. */
export function unprivileged(names) {
  if (process.getuid() !== 0) return {};
  const lines = fs.readFileSync("/etc/passwd", "utf8").split("\n").map((it) => it.split(":"));
  const found = names.map((name) => lines.find((it) => it[0] === name)).find((it) => it !== undefined);
  if (found === undefined) skip(`running as root, and there is none of the users ${names.join(", ")} to run the server as`);
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

const tick_us = 1e6 / Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** Processor time of a process and of its children, living and gone, in microseconds. */
function spent_us(pid) {
  let ticks = 0;
  const fields = (id) => fs.readFileSync(`/proc/${id}/stat`, "utf8").replace(/^.*\) /s, "").split(" ").map(Number);
  const own = fields(pid);
  ticks += own[11] + own[12] + own[13] + own[14];
  for (const child of fs.readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean)) {
    try {
      const it = fields(child);
      ticks += it[11] + it[12];
    } catch (error) {
      if (error.code !== "ENOENT" && error.code !== "ESRCH") throw error;
    }
  }
  return ticks * tick_us;
}

export class Server {
  #child;
  #stop_signal;

  /** A new directory under `parent`. */
  constructor(parent, owner) {
    this.folder = fs.mkdtempSync(path.join(parent, "peer-"));
    this.owner = owner;
    if (owner.uid !== undefined) fs.chownSync(this.folder, owner.uid, owner.gid);
    process.once("exit", () => this.#remove());
    for (const [signal, code] of [["SIGTERM", 143], ["SIGINT", 130], ["SIGHUP", 129]]) {
      process.once(signal, () => this.stop().finally(() => process.exit(code)));
    }
  }

  /** Runs a program to its end as the server's user, in its directory. */
  run(command, args) {
    execFileSync(command, args, { ...this.owner, cwd: this.folder, stdio: ["ignore", "ignore", "pipe"] });
  }

  /** Starts the server; `stop_signal` is the one that ends it cleanly and soon. */
  start(command, args, stop_signal) {
    this.#stop_signal = stop_signal;
    const log = fs.openSync(path.join(this.folder, "log"), "w");
    this.#child = spawn(command, args, { ...this.owner, cwd: this.folder, stdio: ["ignore", log, log] });
    this.#child.once("error", (error) => process.stderr.write(`the server did not start: ${error.message}\n`));
    fs.closeSync(log);
  }

  /** Calls `attempt` until it succeeds: what a server is ready for. Gives up after 20 s with the server's own last words. */
  async ready(attempt) {
    for (const from = Date.now(); ; ) {
      try {
        return await attempt();
      } catch (error) {
        if (this.#child.exitCode === null && Date.now() - from < 20_000) {
          await new Promise((resolve) => setTimeout(resolve, 50));
          continue;
        }
        const words = fs.readFileSync(path.join(this.folder, "log"), "utf8").slice(-2000);
        throw new Error(`the server is not ready: ${error.message}\n${words}`);
      }
    }
  }

  cpu_us() {
    return spent_us(this.#child.pid);
  }

  async stop() {
    const child = this.#child;
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill(this.#stop_signal);
      const late = setTimeout(() => child.kill("SIGKILL"), STOP_MAX_MS);
      await gone;
      clearTimeout(late);
    }
    this.#remove();
  }

  #remove() {
    const child = this.#child;
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) child.kill(this.#stop_signal);
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Where a run's directory goes unless told otherwise. */
export const parent_folder = os.tmpdir();
