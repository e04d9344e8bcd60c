import { effect } from "@preact/signals";
import { remembered } from "../state/remembered.ts";

const theme = remembered("theme", "auto");
const NEXT: Readonly<Record<string, string>> = { auto: "light", light: "dark", dark: "auto" };
const MARK: Readonly<Record<string, string>> = { auto: "◐", light: "○", dark: "●" };

effect(() => {
  document.documentElement.dataset["theme"] = theme.value;
});

/** Goes round light, dark and what the system says. */
export function ThemeButton() {
  const change = () => (theme.value = NEXT[theme.value] ?? "auto");
  return (
    <button
      type="button"
      class="theme"
      title={`Theme: ${theme.value}`}
      aria-label={`Theme: ${theme.value}. Change`}
      onClick={change}
    >
      {MARK[theme.value] ?? "◐"}
    </button>
  );
}
