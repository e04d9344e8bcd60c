import { z } from "zod";
import { runOrFail } from "../run-command.ts";
import { parseSubnet, type Subnet } from "./subnet.ts";

const addressesSchema = z.array(
  z.object({
    ifname: z.string().optional(),
    addr_info: z.array(z.object({ local: z.string().optional(), prefixlen: z.int().optional() })).default([]),
  }),
);
const routesSchema = z.array(z.object({ dst: z.string(), dev: z.string().optional() }));

/** Every IPv4 network this host has an address in or a route to, but for those of the interface named; Docker's and other labs' are among them. */
export async function readUsedSubnets(except: string, signal: AbortSignal): Promise<readonly Subnet[]> {
  const addresses = addressesSchema.parse(JSON.parse(await runOrFail(["ip", "-4", "-j", "addr", "show"], {}, signal)));
  const routes = routesSchema.parse(
    JSON.parse(await runOrFail(["ip", "-4", "-j", "route", "show", "table", "all"], {}, signal)),
  );
  const texts = [
    ...addresses
      .filter((link) => link.ifname !== except)
      .flatMap((link) => link.addr_info.map((info) => `${info.local ?? ""}/${info.prefixlen ?? 32}`)),
    ...routes.filter((route) => route.dev !== except).map((route) => route.dst),
  ];
  return texts.map(parseSubnet).filter((subnet) => subnet !== null);
}
