// The words: none missing in either language, none that nobody says, the same places in both, and each face carries what it says.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { board as enBoard } from "../app/words/en/board.ts";
import { desk as enDesk } from "../app/words/en/desk.ts";
import { shell as enShell } from "../app/words/en/shell.ts";
import { board as esBoard } from "../app/words/es/board.ts";
import { desk as esDesk } from "../app/words/es/desk.ts";
import { shell as esShell } from "../app/words/es/shell.ts";

type Words = Record<string, string | { one: string; other: string }>;
const app = path.resolve(path.dirname(new URL(import.meta.url).pathname), "../app");
const PARTS: [string, Words, Words][] = [["shell", enShell, esShell], ["board", enBoard, esBoard], ["desk", enDesk, esDesk]];

function sources(under: string): string[] {
  return readdirSync(path.join(app, under), { recursive: true }).map(String).filter((it) => /\.tsx?$/.test(it) && !it.includes("words/e")).map((it) => path.join(app, under, it));
}

/** What a file says: keys written out, and the beginnings of keys that are put together, such as `severity.${…}`. */
function said(files: string[]): { keys: Set<string>; stems: Set<string> } {
  const text = files.filter((it) => !/words\/(en|es)\//.test(it)).map((it) => readFileSync(it, "utf8")).join("\n");
  return {
    keys: new Set([...text.matchAll(/"([a-z_]+(?:\.[a-z_0-9]+)*)"/g)].map((it) => it[1] ?? "")),
    stems: new Set([...text.matchAll(/`([a-z_]+\.(?:[a-z_]+\.)*)\$\{/g)].map((it) => it[1] ?? "")),
  };
}

const places = (it: Words[string]) => [...JSON.stringify(it).matchAll(/\{(\w+)\}/g)].map((one) => one[1]).filter((one, at, all) => all.indexOf(one) === at).sort().join();

test("no word is missing in either language, and its places are the same", () => {
  for (const [part, en, es] of PARTS) {
    assert.deepEqual(Object.keys(es).sort(), Object.keys(en).sort(), part);
    for (const key of Object.keys(en)) {
      assert.equal(places(es[key] ?? ""), places(en[key] ?? ""), key);
      assert.equal(typeof es[key], typeof en[key], key);
      assert.ok(JSON.stringify(es[key]).length > 2, key);
    }
  }
});

test("no word is there that nobody says", () => {
  const { keys, stems } = said(sources("."));
  for (const [, en] of PARTS) {
    for (const key of Object.keys(en)) assert.ok(keys.has(key) || [...stems].some((it) => key.startsWith(it)), `nobody says ${key}`);
  }
});

/** What is refused by name that no answer at a desk shows: a window that was signed in says nothing more, and a shift that is over has a page. */
const NOT_SHOWN = ["SIGNED_IN_ALREADY", "SIGNED_OFF"];
/** What the desk says of itself, without a word of the server. */
const OWN = ["NOT_CONNECTED", "UNAVAILABLE", "OTHER"];

test("every reason the server gives for a refusal has a sentence here, and none has one that is never given", () => {
  const rust = readFileSync(path.join(app, "../../desk/src/spoken.rs"), "utf8");
  const given = [...(/fn known\([\s\S]*?_ => return None/.exec(rust)?.[0] ?? "").matchAll(/"([A-Z][A-Z_]+)"/g)].map((it) => it[1] ?? "");
  assert.ok(given.length > 30, given.join());
  const here = Object.keys(enDesk).filter((it) => it.startsWith("refused.")).map((it) => it.slice("refused.".length).toUpperCase());
  assert.deepEqual(here.sort(), [...given.filter((it) => !NOT_SHOWN.includes(it)), ...OWN].sort());
  const made = sources("desk").flatMap((it) => [...readFileSync(it, "utf8").matchAll(/reason: "([A-Z_]+)"/g)].map((one) => one[1] ?? ""));
  assert.ok(made.length > 0);
  for (const it of made) assert.ok(here.includes(it), `${it} has no sentence`);
});

test("every reason for which the server refuses something at the board has a sentence", () => {
  const rust = ["help.rs", "socket.rs"].map((it) => readFileSync(path.join(app, "../../dashboard/src", it), "utf8")).join("\n");
  const given = [...rust.matchAll(/refused\([^"]*?"([a-z_]+)"|unwrap_or_else\(\|\| "([a-z_]+)"/g)].map((it) => it[1] ?? it[2] ?? "");
  assert.ok(given.length > 5, given.join());
  // The router's own for an answer to a request for help: decide/help.rs.
  for (const it of [...given, "no_help_asked"]) assert.ok(`not_done.${it}` in enBoard, `${it} has no sentence`);
});

test("every reason for which the server takes an offer back has a sentence at the desk, and none has one that is never given", () => {
  const rust = readFileSync(path.join(app, "../../router/src/convert/terms.rs"), "utf8");
  const given = [...(/pub const fn rescind_reason\([\s\S]*?\n\}/.exec(rust)?.[0] ?? "").matchAll(/"([a-z_]+)"/g)].map((it) => it[1] ?? "");
  assert.ok(given.length > 5, given.join());
  const table = /const REASONS[^{]*\{([\s\S]*?)\};/.exec(readFileSync(path.join(app, "desk/offers.ts"), "utf8"))?.[1] ?? "";
  const here = [...table.matchAll(/(\w+): "([a-z_.]+)"/g)].map((it) => ({ reason: it[1] ?? "", key: it[2] ?? "" }));
  // The desk itself says "unknown" of an offer that is gone when everything is told anew.
  assert.deepEqual(here.map((it) => it.reason).sort(), [...given, "unknown"].sort());
  for (const it of here) assert.ok(it.key in enDesk, it.key);
});

test("each face carries every word it says", () => {
  const shared = ["shell", "line", "."].flatMap((it) => (it === "." ? readdirSync(app).filter((one) => /\.tsx?$/.test(one)).map((one) => path.join(app, one)) : sources(it)));
  const known = new Set(PARTS.flatMap(([, en]) => Object.keys(en)));
  const faces: [string[], Words][] = [
    [shared, enShell], [[...sources("board"), ...sources("wall")], { ...enShell, ...enBoard }], [sources("desk"), { ...enShell, ...enDesk }],
  ];
  for (const [files, carried] of faces) {
    for (const key of said(files).keys) {
      // The name of an action is given by the face that has the action.
      if (known.has(key) && key.includes(".")) assert.ok(key in carried || (files === shared && key.startsWith("lost.")), `${key} is said by a face that does not carry it`);
    }
  }
});
