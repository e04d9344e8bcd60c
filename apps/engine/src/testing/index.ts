export { createEngineWorld, type EngineWorld } from "./engine-world.ts";
