// What the build puts in: the worker's address, and style sheets, which give no value.
declare const WORKER_URL: string;
declare module "*.css";
declare module "*/tokens.mjs" {
  export const themes: Record<"light" | "dark" | "contrast", Record<string, string>>;
  export function tokensCss(): string;
}
