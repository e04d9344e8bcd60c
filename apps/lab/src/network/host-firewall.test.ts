import { expect, test } from "vitest";
import { neededRules, ownRules } from "./host-firewall.ts";

const DOCKER = "-P INPUT ACCEPT\n-P FORWARD DROP\n-P OUTPUT ACCEPT\n-N DOCKER-USER\n-A FORWARD -j DOCKER-USER\n";

test("a host without rules needs none of ours", () => {
  expect(neededRules("-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n", "qd123456br", true)).toEqual([]);
});

test("beside Docker, machines reach each other only by a rule, and only where bridged frames pass iptables", () => {
  expect(neededRules(DOCKER, "qd123456br", true).map(([chain]) => chain)).toEqual(["FORWARD"]);
  expect(neededRules(DOCKER, "qd123456br", false)).toEqual([]);
});

test("a host that drops what comes in lets the machines' traffic in", () => {
  expect(neededRules("-P INPUT DROP\n-P FORWARD ACCEPT\n", "qd123456br", false).map(([chain]) => chain)).toEqual([
    "INPUT",
  ]);
});

test("the rules of one lab are found again, and no other's", () => {
  const dump = `${DOCKER}-A INPUT -i qd123456br -m comment --comment qd123456br -j ACCEPT\n-A INPUT -i qdffffffbr -m comment --comment qdffffffbr -j ACCEPT\n`;
  expect(ownRules(dump, "qd123456br")).toEqual([
    ["INPUT", "-i", "qd123456br", "-m", "comment", "--comment", "qd123456br", "-j", "ACCEPT"],
  ]);
});
