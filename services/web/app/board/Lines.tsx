// The last hour in three lines, each with a table for whoever cannot see a canvas and one sentence that says the same.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { lang, theme } from "../settings.ts";
import { timeOfDay } from "../words/spans.ts";
import { number, percent, t } from "../words/words.ts";
import type { Lines as LinesData } from "../wire.ts";
import { now } from "../line/clock.ts";
import { lines } from "./store.ts";

const asTable = signal(false);
const HEIGHT = 132;

/** Network minutes as wall time of this machine: the two clocks are apart by as much as now. */
const wall = (at: number) => Date.now() - (now.peek() - at);

interface Series { name: string; values: (number | null)[]; words: (it: number) => string; color: string; stepped?: boolean }

function seriesOf(it: LinesData): Series[] {
  const whole = (one: number) => number(one);
  return [
    { name: t("lines.arrived"), values: it.arrived, words: whole, color: "--accent", stepped: true },
    { name: t("lines.waiting"), values: it.waiting, words: whole, color: "--watch-edge" },
    { name: t("lines.answered"), values: it.answered.map((one) => (one.whole ? (100 * one.part) / one.whole : null)), words: (one) => percent(one, 100), color: "--stale" },
  ];
}

function Plot({ minutes, series }: { minutes: number[]; series: Series }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const look = `${theme.value} ${lang.value}`;
  const last = series.values.findLast((it) => it !== null);
  useEffect(() => {
    const it = box.current;
    if (!it) return;
    const css = getComputedStyle(document.documentElement);
    const color = (name: string) => css.getPropertyValue(name).trim();
    const axis = { stroke: color("--muted"), grid: { stroke: color("--hair"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    const path = series.stepped ? uPlot.paths.stepped?.({ align: 1 }) : uPlot.paths.linear?.();
    const made = new uPlot({
      width: it.clientWidth || 300, height: HEIGHT, cursor: { show: false }, legend: { show: false }, padding: [6, 4, 0, 0],
      scales: { y: { range: (_, __, most) => [0, Math.max(most, series.color === "--stale" ? 100 : 4)] } },
      axes: [
        { ...axis, space: 70, size: 22, values: (_, at) => at.map((one) => timeOfDay(one * 1000)) },
        { ...axis, space: 30, size: 40, values: (_, at) => at.map((one) => (Number.isInteger(one) ? number(one) : "")) },
      ],
      series: [{}, { stroke: color(series.color), width: 2, fill: `${color(series.color)}22`, points: { show: false }, spanGaps: false, ...(path ? { paths: path } : {}) }],
    }, [minutes.map((one) => wall(one) / 1000), series.values], it);
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: it.clientWidth, height: HEIGHT }));
    watch.observe(it);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [look]);
  useEffect(() => plot.current?.setData([minutes.map((one) => wall(one) / 1000), series.values]), [minutes, series.values.join()]);
  const words = t("lines.sentence", { name: series.name, value: last === undefined || last === null ? t("board.none_in_window") : series.words(last) });
  return (
    <figure class="plot">
      <figcaption>{series.name}<strong>{last === undefined || last === null ? "–" : series.words(last)}</strong></figcaption>
      <div ref={box} class="plot-box" role="img" aria-label={words} />
    </figure>
  );
}

function Table({ it, series }: { it: LinesData; series: Series[] }) {
  const at = it.minute_ms.map((_, index) => index).reverse();
  return (
    <div class="scroll short" tabIndex={0} role="region" aria-label={t("lines.table")}>
      <table>
        <caption class="sr">{t("lines.title")}</caption>
        <thead><tr><th scope="col">{t("lines.minute")}</th>{series.map((one) => <th scope="col" key={one.name}>{one.name}</th>)}</tr></thead>
        <tbody>
          {at.map((index) => (
            <tr key={index}>
              <th scope="row">{timeOfDay(wall(it.minute_ms[index] ?? 0))}</th>
              {series.map((one) => {
                const value = one.values[index];
                return <td key={one.name}>{value === null || value === undefined ? "–" : one.words(value)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Lines() {
  const it = lines.value;
  const series = it ? seriesOf(it) : [];
  return (
    <section class="card lines" aria-labelledby="lines">
      <div class="card-head">
        <h2 id="lines" tabIndex={-1}>{t("lines.title")}</h2>
        <span class="grow" />
        <button type="button" class="small" aria-pressed={asTable.value} onClick={() => (asTable.value = !asTable.value)}>{t("lines.as_table")}</button>
      </div>
      {!it || it.minute_ms.length === 0
        ? <p class="empty">{t("lines.none")}</p>
        : asTable.value
          ? <Table it={it} series={series} />
          : <div class="plots">{series.map((one) => <Plot key={one.color} minutes={it.minute_ms} series={one} />)}</div>}
    </section>
  );
}
