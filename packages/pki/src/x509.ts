// The polyfill must be evaluated before the library, whose container reads decorators' metadata while it loads;
// the library is imported through this file only, so that no other import order can break it.
import "reflect-metadata";
export * from "@peculiar/x509";
