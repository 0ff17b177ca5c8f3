// Fails when schema.graphql breaks something that was there before: compared with the schema as it stood before the
// last commit that changed it, and, for changes not committed yet, with the last commit. A break that is meant is
// listed in accepted.json, word for word, with the reason.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { buildSchema, findBreakingChanges } from "graphql";

const git = (...args) => execFileSync("git", args, { encoding: "utf8" }).trim();
const now = buildSchema(readFileSync("schema.graphql", "utf8"));
const accepted = JSON.parse(readFileSync(new URL("accepted.json", import.meta.url), "utf8"));

const commits = git("log", "--format=%H", "-n", "2", "--", "schema.graphql").split("\n").filter(Boolean);
if (git("rev-parse", "--is-shallow-repository") === "true" && commits.length < 2) {
  console.error("The history is too short to compare the schema with the one before; fetch it all.");
  process.exit(1);
}
let broken = 0;
for (const commit of commits) {
  const before = buildSchema(git("show", `${commit}:schema.graphql`));
  for (const change of findBreakingChanges(before, now)) {
    const reason = accepted[change.description];
    console.log(`${commit.slice(0, 10)} ${change.type}: ${change.description}${reason ? ` (accepted: ${reason})` : ""}`);
    if (!reason) broken++;
  }
}
console.log(broken ? `${broken} breaking changes.` : "Nothing is broken.");
process.exit(broken ? 1 : 0);
