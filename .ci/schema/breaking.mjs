// Fails when the schema (schema.graphql and schema/*.graphql) breaks something that was there before: compared with every
// schema that was ever committed.
// A break that is meant is listed in accepted.json, word for word, with the reason.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { buildSchema, findBreakingChanges } from "graphql";

const git = (...args) => execFileSync("git", args, { encoding: "utf8", maxBuffer: 1 << 28 }).trim();
const whole = (names, read) => buildSchema(names.map(read).join("\n"));
const areas = readdirSync("schema").filter((name) => name.endsWith(".graphql")).map((name) => `schema/${name}`);
const now = whole(["schema.graphql", ...areas], (name) => readFileSync(name, "utf8"));
const accepted = JSON.parse(readFileSync(new URL("accepted.json", import.meta.url), "utf8"));

if (git("rev-parse", "--is-shallow-repository") === "true") {
  console.error("The history is too short to compare the schema with those before; fetch it all.");
  process.exit(1);
}
const broken = new Map(); // what is broken, and since which schema
const commits = git("log", "--format=%H", "--", "schema.graphql", "schema/*.graphql").split("\n").filter(Boolean);
for (const commit of commits) {
  const names = git("ls-tree", "--name-only", commit, "schema.graphql", "schema/").split("\n");
  const before = whole(names.filter((name) => name.endsWith(".graphql")), (name) => git("show", `${commit}:${name}`));
  for (const change of findBreakingChanges(before, now)) {
    if (!broken.has(change.description)) broken.set(change.description, `${commit.slice(0, 10)} ${change.type}`);
  }
}
let meant = 0;
for (const [description, where] of broken) {
  const reason = accepted[description];
  console.log(`${where}: ${description}${reason ? ` (accepted: ${reason})` : ""}`);
  if (reason) meant++;
}
const bad = broken.size - meant;
console.log(bad ? `${bad} breaking changes.` : `Nothing is broken since the first of ${commits.length} schemas.`);
process.exit(bad ? 1 : 0);
