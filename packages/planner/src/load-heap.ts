import type { MachineView } from "./cluster-view.ts";

/** Machines with the fewest units first; of equals the one that came first when the heap was made. */
export type LoadHeap = {
  /** The first one, or `null`; stays where it is. */
  peek(): HeapItem | null;
  /** Takes out the one that `peek` answered. */
  pop(): void;
  /** Puts back what was taken out. */
  push(item: HeapItem): void;
  /** All that are in it, in no order. */
  readonly items: readonly HeapItem[];
};

export type HeapItem = { readonly machine: MachineView; readonly order: number; load: number };

/**
 * A binary heap whose loads are looked up again only when a machine comes to the top: right as long as loads do nothing but grow, since a machine
 * is then never better than it was when it was put in. Whoever lowers a load makes a new heap.
 */
export function createLoadHeap(machines: readonly MachineView[], loadOf: (machine: MachineView) => number): LoadHeap {
  const items: HeapItem[] = machines.map((machine, order) => ({ machine, order, load: loadOf(machine) }));
  for (let index = (items.length >> 1) - 1; index >= 0; index -= 1) sink(items, index);
  return {
    items,
    peek() {
      for (;;) {
        const [top] = items;
        if (top === undefined) return null;
        const load = loadOf(top.machine);
        if (load === top.load) return top;
        top.load = load;
        sink(items, 0);
      }
    },
    pop() {
      const last = items.pop();
      if (last === undefined || items.length === 0) return;
      items[0] = last;
      sink(items, 0);
    },
    push(item) {
      item.load = loadOf(item.machine);
      items.push(item);
      rise(items);
    },
  };
}

function isBefore(left: HeapItem, right: HeapItem): boolean {
  return left.load < right.load || (left.load === right.load && left.order < right.order);
}

function sink(items: HeapItem[], from: number): void {
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

function rise(items: HeapItem[]): void {
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
