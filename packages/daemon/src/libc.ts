import { dlopen } from "node:ffi";

/** `malloc_trim(3)`, which is the GNU C library's; a function that does nothing where there is another. */
export function openTrim(): () => void {
  try {
    const { functions } = dlopen("libc.so.6", { malloc_trim: { arguments: ["u64"], return: "i32" } });
    return () => {
      functions.malloc_trim(0n);
    };
  } catch {
    return () => undefined;
  }
}
