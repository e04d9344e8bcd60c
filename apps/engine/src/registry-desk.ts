import { refuse, succeed } from "@quarterdeck/model";
import type { RegistryAnswer } from "./decide-request.ts";
import type { ImageRegistry } from "./ports.ts";

type Question = { readonly repository: string; readonly version: string; readonly allowTag: boolean };

/**
 * Keeps what registries were asked and what they answered, by request, so that a slow registry holds up no other request. It lives in one
 * leader's memory: a new leader asks again, which is harmless.
 */
export type RegistryDesk = {
  /** The answer to a request's question; null while there is none. */
  answerTo(request: string): RegistryAnswer;
  /** Asks once per request; `onAnswer` is called when an answer has come in. */
  ask(request: string, question: Question): void;
  /** Keeps only what still concerns a waiting request. */
  keepOnly(waiting: ReadonlySet<string>): void;
};

export function createRegistryDesk(registry: ImageRegistry, onAnswer: () => void, signal: AbortSignal): RegistryDesk {
  const answers = new Map<string, RegistryAnswer>();
  return {
    answerTo: (request) => answers.get(request) ?? null,
    ask(request, question) {
      if (answers.has(request)) return;
      answers.set(request, null);
      void answerOf(registry, question, signal).then((answer) => {
        if (signal.aborted || !answers.has(request)) return;
        answers.set(request, answer);
        onAnswer();
      });
    },
    keepOnly(waiting) {
      for (const request of answers.keys()) if (!waiting.has(request)) answers.delete(request);
    },
  };
}

/** Never rejects: what went wrong is an answer too, or the term is over and nobody waits for one. */
async function answerOf(
  registry: ImageRegistry,
  { repository, version, allowTag }: Question,
  signal: AbortSignal,
): Promise<RegistryAnswer> {
  try {
    const answer = await registry.pin(repository, version, signal);
    const bare = !answer.ok && answer.error.code === "REGISTRY_UNREACHABLE" && allowTag;
    return bare ? succeed({ image: `${repository}:${version}`, pinned: false }) : answer;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return refuse({ code: "REGISTRY_UNREACHABLE", message: `the registry of ${repository} could not be asked`, why });
  }
}
