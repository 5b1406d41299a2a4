// Builds the bundle: three pages, a worker and a style sheet each, with hashed names and compressed twins, into dist/. Writes only what
// changed, so that Cargo has nothing to do when nothing did. `--tests` bundles the tests and the mock into .tests/ instead.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import path from "node:path";
import { tokensCss } from "./app/look/tokens.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(here, "dist");
const target = ["es2022", "chrome110", "firefox110", "safari16"];
const shared = {
  absWorkingDir: here, bundle: true, write: false, minify: true, target, format: "esm", charset: "utf8", legalComments: "none",
  jsx: "automatic", jsxImportSource: "preact", logLevel: "warning", outdir: "out",
  plugins: [{
    name: "tokens",
    setup(it) {
      it.onResolve({ filter: /^tokens\.css$/ }, () => ({ path: "tokens.css", namespace: "tokens" }));
      it.onLoad({ filter: /.*/, namespace: "tokens" }, () => ({ contents: tokensCss(), loader: "css" }));
    },
  }],
};

const hash = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 10);
const TITLES = { desk: "Desk", board: "Board", wall: "Wall" };

/** What every page is before the app runs. The two live regions must be there from the start, or what they say first is lost. */
function shell(face, script, styles, icon) {
  return `<!doctype html>
<html lang="en" data-theme="system"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${TITLES[face]} · Holdfast</title><meta name="color-scheme" content="light dark">
<link rel="icon" href="/assets/${icon}" type="image/svg+xml"><link rel="stylesheet" href="/assets/${styles}">
<script type="application/json" id="boot">{{boot}}</script>
<script type="module" src="/assets/${script}" blocking="render"></script></head>
<body class="${face}"><div id="polite" class="sr" role="status" aria-live="polite"></div><div id="assertive" class="sr" role="alert" aria-live="assertive"></div>
<div id="app"></div>
<noscript><main class="without"><h1>Holdfast</h1><p>This page needs JavaScript. <a href="/board/plain">The plain board</a> does not.</p>
<p lang="es">Esta página necesita JavaScript. <a href="/board/plain">El panel sencillo</a> no.</p></main></noscript>
</body></html>
`;
}

/** Writes a file only if it is not there already with the same content. */
async function put(file, bytes) {
  const before = await readFile(file).catch(() => null);
  if (before === null || !before.equals(Buffer.from(bytes))) await writeFile(file, bytes);
}

async function bundle() {
  const assets = new Map();
  const keep = (stem, extension, bytes) => {
    const name = `${stem}-${hash(bytes)}.${extension}`;
    assets.set(name, bytes);
    return name;
  };
  const worker = await build({ ...shared, entryPoints: { line: "app/line/worker.ts" } });
  const workerName = keep("line", "js", worker.outputFiles[0].contents);
  const icon = keep("icon", "svg", await readFile(path.join(here, "app/look/icon.svg")));
  const pages = new Map();
  for (const face of Object.keys(TITLES)) {
    const made = await build({
      ...shared,
      entryPoints: { [face]: `app/${face}/main.tsx` },
      define: { WORKER_URL: JSON.stringify(`/assets/${workerName}`) },
    });
    const of = (extension) => made.outputFiles.find((it) => it.path.endsWith(extension)).contents;
    pages.set(`${face}.html`, shell(face, keep(face, "js", of(".js")), keep(face, "css", of(".css")), icon));
  }
  const id = hash([...assets.keys(), ...pages.values()].sort().join("\n"));

  await mkdir(path.join(dist, "assets"), { recursive: true });
  const wanted = new Set([...assets.keys()].flatMap((it) => [it, `${it}.gz`]));
  for (const name of await readdir(path.join(dist, "assets"))) if (!wanted.has(name)) await rm(path.join(dist, "assets", name));
  for (const [name, bytes] of assets) {
    await put(path.join(dist, "assets", name), bytes);
    await put(path.join(dist, "assets", `${name}.gz`), gzipSync(bytes, { level: 9 }));
  }
  for (const [name, html] of pages) await put(path.join(dist, name), html);
  await put(path.join(dist, "build"), `${id}\n`);
}

async function tests() {
  const names = (await readdir(path.join(here, "tests"))).filter((it) => /\.(test|screens|serve|real)\.tsx?$/.test(it));
  await rm(path.join(here, ".tests"), { recursive: true, force: true });
  await build({
    absWorkingDir: here, bundle: true, format: "esm", platform: "node", target: "node20", packages: "external", outdir: ".tests",
    entryPoints: names.map((it) => `tests/${it}`), outExtension: { ".js": ".mjs" }, sourcemap: "inline", logLevel: "warning",
    jsx: "automatic", jsxImportSource: "preact",
  });
}

await (process.argv.includes("--tests") ? tests() : bundle());
