// `holdfast demo` as it is, for whoever wants to look at the real pages: the process, where it listens, and the token of its operator.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import type { Page } from "playwright-core";
import { until } from "./browser.ts";

export const BINARY = process.env["HOLDFAST_BINARY"] ?? ["../../target/release/holdfast", "../../target/debug/holdfast"].find((it) => existsSync(it)) ?? "";

export interface Demo { url: string; token: string; kill: () => void }

/** Begins a demo that ends by itself after so long, whatever becomes of us. */
export async function startDemo(seconds: number): Promise<Demo> {
  assert.ok(BINARY, "build the binary first: cargo build -p holdfast");
  const demo = spawn(BINARY, ["demo", "--headless", "--seconds", String(seconds), "--rate", "1"], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  demo.stderr.on("data", (it: Buffer) => (said += it.toString()));
  const found = await until("the demo says where its board is", () => /sign in at (http:\/\/\S+)\/board with (\S+)/.exec(said), Boolean, 30_000);
  return { url: found?.[1] ?? "", token: found?.[2] ?? "", kill: () => void demo.kill("SIGKILL") };
}

/** Fills the form that is open and sends it by Enter, as a person does. */
export async function giveToken(page: Page, token: string): Promise<void> {
  await page.waitForSelector("input[name=token]");
  await page.focus("input[name=token]");
  await page.keyboard.type(token);
  await page.keyboard.press("Enter");
}
