// The colours of the house, by theme, and the CSS they become. Text and muted text have at least 7:1 on every ground, marks 4.5:1,
// borders 3:1; tests/tokens.test.ts keeps it. Ink weight, shape and word carry severity; colour only seconds them.

export const themes = {
  light: {
    bg: "#f3f4f2", surface: "#ffffff", raised: "#fafbf9", sunken: "#eef0ed", text: "#17202a", muted: "#434e5a", border: "#7a848e",
    hair: "#dde1e0", accent: "#0a4d70", "accent-ground": "#e3eef3", "on-accent": "#ffffff", watch: "#633c00",
    "watch-ground": "#fff2d9", "watch-edge": "#a06a12", act: "#8f2705", "on-act": "#ffffff", stale: "#4a3a6b", "stale-ground": "#efebf7",
    focus: "#0a5c88", shadow: "rgba(20, 30, 40, 0.10)",
  },
  dark: {
    bg: "#0f1419", surface: "#161d24", raised: "#1c242d", sunken: "#12181e", text: "#e8ecef", muted: "#b4bdc7", border: "#727e8b",
    hair: "#28323c", accent: "#8fcdee", "accent-ground": "#14303f", "on-accent": "#0c1a22", watch: "#f4c469",
    "watch-ground": "#33280f", "watch-edge": "#b98a2e", act: "#ffa07a", "on-act": "#1b0d06", stale: "#cdbdf0", "stale-ground": "#272138",
    focus: "#8fcdee", shadow: "rgba(0, 0, 0, 0.45)",
  },
  contrast: {
    bg: "#000000", surface: "#000000", raised: "#000000", sunken: "#000000", text: "#ffffff", muted: "#f0f0f0", border: "#ffffff",
    hair: "#8c8c8c", accent: "#7fdcff", "accent-ground": "#001c29", "on-accent": "#000000", watch: "#ffe14d",
    "watch-ground": "#000000", "watch-edge": "#ffe14d", act: "#ffb08f", "on-act": "#000000", stale: "#e0d2ff", "stale-ground": "#000000",
    focus: "#ffff00", shadow: "rgba(0, 0, 0, 0)",
  },
};

const declare = (theme) => Object.entries(theme).map(([name, value]) => `--${name}:${value};`).join("");

/** Light unless the system or the person says otherwise; what the person says wins. */
export function tokensCss() {
  return [
    `:root{color-scheme:light;${declare(themes.light)}}`,
    `@media (prefers-color-scheme:dark){:root[data-theme="system"]{color-scheme:dark;${declare(themes.dark)}}}`,
    `@media (prefers-contrast:more){:root[data-theme="system"]{color-scheme:dark;${declare(themes.contrast)}}}`,
    `:root[data-theme="dark"]{color-scheme:dark;${declare(themes.dark)}}`,
    `:root[data-theme="contrast"]{color-scheme:dark;${declare(themes.contrast)}}`,
  ].join("\n");
}
