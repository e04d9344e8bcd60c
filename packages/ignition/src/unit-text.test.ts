import { describe, expect, test } from "vitest";
import { renderCommand, renderUnit } from "./unit-text.ts";

describe("renderUnit", () => {
  test("keeps the order of sections and the repetition of keys", () => {
    const text = renderUnit([
      ["Unit", [["After", "a.service"]]],
      [
        "Service",
        [
          ["ExecStartPre", ""],
          ["ExecStartPre", "/bin/true"],
        ],
      ],
    ]);
    expect(text).toBe("[Unit]\nAfter=a.service\n\n[Service]\nExecStartPre=\nExecStartPre=/bin/true\n");
  });

  test.each(["a\nExecStart=/bin/sh", "a\r", "a\0", "a \\\n[Install]"])("refuses the value %j", (value) => {
    expect(() => renderUnit([["Unit", [["Description", value]]]])).toThrow(
      expect.objectContaining({ code: "INVALID_UNIT" }),
    );
  });
});

describe("renderCommand", () => {
  test("puts a long command on several lines that systemd joins again", () => {
    const argv = ["/opt/etcd/etcd", `--name=${"x".repeat(60)}`, `--token=${"y".repeat(60)}`];
    expect(renderCommand(argv)).toBe(argv.join(" \\\n    "));
    expect(() => renderUnit([["Service", [["ExecStart", renderCommand(argv)]]]])).not.toThrow();
  });

  test.each(["", "a b", "$HOME", "%i", "a;b", '"a"', "a'b", "a\\b", "a\nb", "*"])(
    "refuses the argument %j",
    (argument) => {
      expect(() => renderCommand(["/bin/true", argument])).toThrow(expect.objectContaining({ code: "INVALID_UNIT" }));
    },
  );
});
