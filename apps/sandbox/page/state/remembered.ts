import { effect, type Signal, signal } from "@preact/signals";

/** A signal that keeps its value over a reload. */
export function remembered(name: string, initial: string): Signal<string> {
  const value = signal(localStorage.getItem(`quarterdeck.${name}`) ?? initial);
  effect(() => localStorage.setItem(`quarterdeck.${name}`, value.value));
  return value;
}
