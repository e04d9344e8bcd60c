import { program } from "./src/index.ts";

program();
