import { keys } from "@quarterdeck/etcd";
import { expect, test } from "vitest";
import { applySubmit } from "./apply-submit.ts";
import { hashText } from "./hash-text.ts";
import { HELLO_TEXT, name, NOW, OTHER_TEXT, serviceFacts, unitFacts, web, WEB_TEXT } from "./testing/facts.ts";
import { stored, viewOf } from "./testing/view-of.ts";

const hello = name("hello.service");
const template = name("web@.service");
const submit = (file: { readonly name: ReturnType<typeof name>; readonly text: string }, replace = false) => ({
  files: [file],
  replace,
});

const paths = (decision: ReturnType<typeof applySubmit>): readonly string[] =>
  decision.ok ? decision.value.then.map(({ path }) => path) : [];

test("a new unit is stored with its text, inactive and at generation 1", async () => {
  const decision = applySubmit(await viewOf(), submit({ name: hello, text: HELLO_TEXT }), NOW);
  expect(paths(decision)).toEqual([`unit-files/${hashText(HELLO_TEXT)}`, "units/hello.service"]);
  expect(decision.ok && decision.value.changed).toEqual([hello]);
  expect(decision.ok && decision.value.when).toEqual([{ kind: "absent", path: "units/hello.service" }]);
});

test.each(["engine", "machine:0123456789abcdef0123456789abcdef", "operator:ada", "billing"])(
  "a unit may not ask to be %s",
  async (identity) => {
    const asking = { name: hello, text: `${HELLO_TEXT}\n[X-Fleet]\nIdentity=${identity}\n` };
    const decision = applySubmit(await viewOf(), submit(asking), NOW);
    expect(!decision.ok && decision.error).toMatchObject({ code: "INVALID_UNIT", try: "Identity=bot" });
  },
);

test("the same text again changes nothing", async () => {
  const view = await viewOf(
    stored(keys.unit(hello), unitFacts()),
    stored(keys.unitFile(hashText(HELLO_TEXT)), { v: 1, text: HELLO_TEXT }),
  );
  const decision = applySubmit(view, submit({ name: hello, text: HELLO_TEXT }), NOW);
  expect(paths(decision)).toEqual([]);
  expect(decision.ok && decision.value.changed).toEqual([]);
});

test("other text under an existing name needs --replace, and the hint says so", async () => {
  const view = await viewOf(stored(keys.unit(hello), unitFacts()));
  const decision = applySubmit(view, submit({ name: hello, text: OTHER_TEXT }), NOW);
  expect(!decision.ok && decision.error).toMatchObject({
    code: "CONFLICT",
    try: "fleet submit --replace hello.service",
  });
});

test("fleet #760: --replace raises the generation and keeps the target", async () => {
  const view = await viewOf(stored(keys.unit(hello), unitFacts({ target: "launched", generation: 4 })));
  const decision = applySubmit(view, submit({ name: hello, text: OTHER_TEXT }, true), NOW);
  const put = decision.ok ? decision.value.then.find(({ path }) => path === "units/hello.service") : undefined;
  expect(put?.kind === "put" && JSON.parse(put.json)).toMatchObject({
    hash: hashText(OTHER_TEXT),
    target: "launched",
    generation: 5,
  });
});

test("a template with [X-Deploy] becomes a service", async () => {
  const decision = applySubmit(await viewOf(), submit({ name: template, text: WEB_TEXT }), NOW);
  const put = decision.ok ? decision.value.then.find(({ path }) => path === "services/web") : undefined;
  expect(put?.kind === "put" && JSON.parse(put.json)).toEqual(JSON.parse(JSON.stringify(serviceFacts())));
});

test("a replaced template keeps the service's release", async () => {
  const view = await viewOf(
    stored(keys.unit(template), unitFacts({ hash: hashText(WEB_TEXT) })),
    stored(keys.service(web), serviceFacts({ release: 3 })),
  );
  const text = WEB_TEXT.replace("Replicas=3", "Replicas=2");
  const decision = applySubmit(view, submit({ name: template, text }, true), NOW);
  const put = decision.ok ? decision.value.then.find(({ path }) => path === "services/web") : undefined;
  expect(put?.kind === "put" && JSON.parse(put.json)).toMatchObject({
    release: 3,
    hash: hashText(text),
    deploy: { replicas: 2 },
  });
});

test("a template that loses [X-Deploy] is refused while replicas exist", async () => {
  const replica = unitFacts({ origin: { kind: "replica", service: web, index: 1, release: 1 } });
  const view = await viewOf(
    stored(keys.unit(template), unitFacts({ hash: hashText(WEB_TEXT) })),
    stored(keys.service(web), serviceFacts({ release: 1 })),
    stored(keys.unit(name("web@1.service")), replica),
  );
  const decision = applySubmit(view, submit({ name: template, text: HELLO_TEXT }, true), NOW);
  expect(!decision.ok && decision.error.code).toBe("CONFLICT");
});

test("a replica's text cannot be replaced by hand", async () => {
  const replica = unitFacts({ origin: { kind: "replica", service: web, index: 1, release: 1 } });
  const view = await viewOf(stored(keys.unit(name("web@1.service")), replica));
  const decision = applySubmit(view, submit({ name: name("web@1.service"), text: OTHER_TEXT }, true), NOW);
  expect(!decision.ok && decision.error.code).toBe("ENGINE_OWNED");
});

test("one bad file in a request changes nothing of the others", async () => {
  const decision = applySubmit(
    await viewOf(),
    {
      files: [
        { name: hello, text: HELLO_TEXT },
        { name: name("bad.service"), text: "nonsense" },
      ],
      replace: false,
    },
    NOW,
  );
  expect(!decision.ok && decision.error.code).toBe("INVALID_UNIT");
  expect(!decision.ok && decision.error.message).toContain("bad.service");
});

test("an instance of a service's template cannot be submitted by hand, whatever its text", async () => {
  const view = await viewOf(stored(keys.service(web), serviceFacts()));
  const decision = applySubmit(view, submit({ name: name("web@1.service"), text: HELLO_TEXT }), NOW);
  expect(!decision.ok && decision.error.code).toBe("ENGINE_OWNED");
});
