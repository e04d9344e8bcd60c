import type { MachineView } from "./cluster-view.ts";

/** Machines with the fewest units first; of equals the smaller id. */
export type LoadHeap = {
  /** The first one, or `null`; stays where it is. */
  peek(): MachineView | null;
  /** Takes the first one out. */
  pop(): MachineView | null;
  /** Puts back what was taken out. */
  push(machine: MachineView): void;
};

type Item = { readonly machine: MachineView; load: number };

/**
 * A binary heap whose loads are looked up again only when a machine comes to the top: right as long as loads do nothing but grow, since a machine
 * is then never better than it was when it was put in. Whoever lowers a load makes a new heap.
 */
export function createLoadHeap(machines: readonly MachineView[], loadOf: (machine: MachineView) => number): LoadHeap {
  const items: Item[] = machines.map((machine) => ({ machine, load: loadOf(machine) }));
  for (let index = (items.length >> 1) - 1; index >= 0; index -= 1) sink(items, index);
  const freshen = (): Item | undefined => {
    for (;;) {
      const [top] = items;
      if (top === undefined) return undefined;
      const load = loadOf(top.machine);
      if (load === top.load) return top;
      top.load = load;
      sink(items, 0);
    }
  };
  return {
    peek: () => freshen()?.machine ?? null,
    pop() {
      const top = freshen();
      const last = items.pop();
      if (top === undefined || last === undefined) return null;
      if (items.length > 0) {
        items[0] = last;
        sink(items, 0);
      }
      return top.machine;
    },
    push(machine) {
      items.push({ machine, load: loadOf(machine) });
      rise(items);
    },
  };
}

function isBefore(left: Item, right: Item): boolean {
  return left.load < right.load || (left.load === right.load && left.machine.machine < right.machine.machine);
}

function sink(items: Item[], from: number): void {
  const item = items[from];
  if (item === undefined) return;
  let index = from;
  for (;;) {
    let child = 2 * index + 1;
    let next = items[child];
    if (next === undefined) break;
    const other = items[child + 1];
    if (other !== undefined && isBefore(other, next)) {
      child += 1;
      next = other;
    }
    if (!isBefore(next, item)) break;
    items[index] = next;
    index = child;
  }
  items[index] = item;
}

function rise(items: Item[]): void {
  let index = items.length - 1;
  const item = items[index];
  if (item === undefined) return;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = items[parent];
    if (above === undefined || !isBefore(item, above)) break;
    items[index] = above;
    index = parent;
  }
  items[index] = item;
}
