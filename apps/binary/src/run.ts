import { main } from "./main.ts";

// Inside the single executable argv[1] is the executable again, as with a script; argv0 is the name it was called by.
process.exitCode = await main(process.argv0, process.argv.slice(2));
