/**
 * How a promise stands after `ms`. What never comes cannot be awaited: where `hangs` is to be shown, the time has to be many times what an
 * answer needs.
 */
export async function outcomeWithin(promise: Promise<unknown>, ms: number): Promise<"done" | "failed" | "hangs"> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<"hangs">((resolve) => {
    timer = setTimeout(() => resolve("hangs"), ms);
  });
  const settled = promise.then(
    () => "done" as const,
    () => "failed" as const,
  );
  try {
    return await Promise.race([settled, patience]);
  } finally {
    clearTimeout(timer);
  }
}
