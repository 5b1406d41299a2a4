// The board: is anyone waiting who should not be, and what do I do now?
import { effect } from "@preact/signals";
import { boot } from "../boot.ts";
import { say } from "../announce.ts";
import { actions } from "../keys.ts";
import { localNow, freshness } from "../line/clock.ts";
import { setTheme, theme } from "../settings.ts";
import { Banners } from "../shell/Banners.tsx";
import { helpOpen, Keys } from "../shell/Keys.tsx";
import { Banner, Kbd } from "../shell/parts.tsx";
import { TopBar } from "../shell/TopBar.tsx";
import { timeOfDay } from "../words/spans.ts";
import { t } from "../words/words.ts";
import { refusal } from "./acts.ts";
import { Centers } from "./Centers.tsx";
import { Decisions } from "./Decisions.tsx";
import { Lines } from "./Lines.tsx";
import { Queues } from "./Queues.tsx";
import { RowPanel } from "./RowPanel.tsx";
import { decisions, demo, heldChanges, incomplete, me, network, pausedAt, setPaused, tiles } from "./store.ts";
import { speak, summary } from "./reading.ts";
import { Tiles } from "./Tiles.tsx";
import { Today } from "./Today.tsx";
import { applyOrder, focusRow, move, selected } from "./view.ts";

const go = (id: string) => document.getElementById(id)?.focus();

/** The keyboard's row is where focus is, so that Enter, a screen reader and the eye agree. */
function step(by: 1 | -1): void {
  move(by);
  focusRow(selected.value);
}

actions.value = [
  { id: "down", name: "key.down", key: "j", run: () => step(1) },
  { id: "up", name: "key.up", key: "k", run: () => step(-1) },
  { id: "filter", name: "key.filter", key: "f", run: () => go("filter-region") },
  { id: "order", name: "key.order", key: "o", run: applyOrder },
  { id: "acknowledge", name: "key.acknowledge", key: "a", run: () => document.querySelector<HTMLElement>("[data-acknowledge]")?.focus() },
  { id: "pause", name: "key.pause", key: "p", run: () => setPaused(!pausedAt.value) },
  { id: "centers", name: "key.centers", key: "c", run: () => go("centers") },
  { id: "summary", name: "key.summary", key: "s", run: () => say(summary()) },
  { id: "theme", name: "key.theme", key: "t", run: () => setTheme(theme.value === "dark" ? "light" : "dark") },
  { id: "free", name: "key.release", key: "Escape", run: release },
  { id: "help", name: "key.help", key: "?", run: () => (helpOpen.value = !helpOpen.value) },
];
// Enter opens the row, because the row's name is a button and has focus.

function release(): void {
  selected.value = "";
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

effect(() => {
  localNow.value;
  speak();
});

effect(() => {
  const open = decisions.value.filter((it) => !it.acknowledged_by).length;
  document.title = open ? t("board.title_open", { n: open }) : `${t("board.title")} · Holdfast`;
});

function Pause() {
  const at = pausedAt.value;
  return (
    <button type="button" class="quiet" aria-pressed={at > 0} onClick={() => setPaused(!at)}>
      {at ? t("pause.on", { at: timeOfDay(at), n: heldChanges.value }) : t("pause.off")} <Kbd of="pause" />
    </button>
  );
}

function Demo() {
  if (!demo.value && !boot.demo) return null;
  return (
    <aside class="demo" aria-label={t("demo.label")}>
      <strong>{t("demo.caption")}</strong> <span>{t("demo.what")}</span>
      <form method="post" action="/demo/be-a-counselor"><button class="small primary">{t("demo.be")}</button></form>
    </aside>
  );
}

function Rest() {
  return (
    <>
      <div class="board-columns">
        <Queues />
        <div class="beside">
          <Decisions />
          <Today />
        </div>
      </div>
      <Centers />
      <Lines />
    </>
  );
}

export function App() {
  return (
    <>
      <a class="skip" href="#queues">{t("skip.queues")}</a>
      <TopBar title={t("board.title")} scope={[t(`role.${me.value.role}`), network.value].filter(Boolean).join(" · ")} help={() => (helpOpen.value = !helpOpen.value)}>
        <Pause />
      </TopBar>
      <Demo />
      <Banner>
        <Banners face="board" />
        {incomplete.value && <p class="banner watch" role="note">{t("board.incomplete")}</p>}
        {refusal.value && <p class="banner watch" role="note">{refusal.value} <button type="button" class="small" onClick={() => (refusal.value = "")}>{t("close")}</button></p>}
      </Banner>
      <main class={`board-main ${freshness.value}${tiles.value ? "" : " starting"}`} id="main">
        <Tiles />
        {/* Nothing stands below before there are figures, so that nothing is pushed about when they come. */}
        {tiles.value && <Rest />}
      </main>
      {helpOpen.value && <Keys />}
      <RowPanel />
    </>
  );
}
