// Somebody else's system, made of @grpc/grpc-js and the published .proto files only: client.mjs <endpoints.json> <contracts/protos> <standard protos>
// Watches the queues from where they are now on, accepts every open invitation as its expert, and prints one JSON line for each thing seen.
// A Watch that breaks is taken up again after the last position. Ends when its input ends.
import { readFileSync } from "node:fs";
import * as grpc from "@grpc/grpc-js";
import * as loader from "@grpc/proto-loader";

const [endpointsFile, contracts, standard] = process.argv.slice(2);
const endpoints = JSON.parse(readFileSync(endpointsFile, "utf8"));
const load = (file, folder) => grpc.loadPackageDefinition(loader.loadSync(file, { keepCase: true, longs: Number, enums: String, defaults: true, includeDirs: [folder] }));
const { Queues } = load("otplatform/coordination/v1/queues.proto", contracts).otplatform.coordination.v1;
const { Teams } = load("otplatform/teamassembly/v1/teams.proto", contracts).otplatform.teamassembly.v1;
const { Health } = load("grpc/health/v1/health.proto", standard).grpc.health.v1;
const { ServerReflection } = load("grpc/reflection/v1/reflection.proto", standard).grpc.reflection.v1;

const say = (step, what = {}) => process.stdout.write(`${JSON.stringify({ step, ...what })}\n`);
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const client = (Service, service) => new Service(endpoints.grpc[service].replace("http://", ""), grpc.credentials.createInsecure());
const call = (on, method, request, metadata = new grpc.Metadata()) =>
  new Promise((resolve, reject) => on[method](request, metadata, { deadline: Date.now() + 20_000 }, (error, answer) => (error ? reject(error) : resolve(answer))));

async function as(name) {
  const answer = await fetch(endpoints.token, { method: "POST", body: new URLSearchParams({ grant_type: "client_credentials", client_id: name, client_secret: "dev" }) });
  const metadata = new grpc.Metadata();
  metadata.set("authorization", `Bearer ${(await answer.json()).access_token}`);
  return metadata;
}

const namesOf = (service) =>
  new Promise((resolve, reject) => {
    const asked = client(ServerReflection, service).ServerReflectionInfo();
    asked.on("error", reject);
    asked.on("data", (answer) => {
      asked.end();
      resolve(answer.list_services_response.service.map((known) => known.name));
    });
    asked.write({ list_services: "*" });
  });

for (const service of Object.keys(endpoints.grpc)) {
  say("health", { service, status: (await call(client(Health, service), "Check", { service: "" })).status });
  say("reflection", { service, names: await namesOf(service) });
}

const register = await as("integrator");
const teams = client(Teams, "teamAssembly");

const answered = new Set();

async function accept(consultation) {
  const open = (await call(teams, "ListInvitations", { status: "open" }, register)).invitations.filter((invitation) => invitation.team_id === consultation);
  for (const { expert_id: expert } of open) {
    const own = await as(`expert-${expert}`);
    const theirs = (await call(teams, "ListInvitations", { status: "open" }, own)).invitations;
    say("listed", { expert, experts: [...new Set(theirs.map((invitation) => invitation.expert_id))], count: theirs.length });
    for (const { id } of theirs.filter((invitation) => invitation.team_id === consultation && !answered.has(invitation.id))) {
      answered.add(id);
      const team = await call(teams, "AcceptInvitation", { invitation_id: id }, own);
      say("accepted", { consultation, expert, status: team.invitations.find((invitation) => invitation.id === id).status });
    }
  }
}

let { position } = await call(client(Queues, "coordination"), "List", {}, register);
let ended = false;
let watch;
process.stdin.on("end", () => {
  ended = true;
  watch?.cancel();
});
process.stdin.resume();

const watchOnce = () =>
  new Promise((resolve) => {
    const queues = client(Queues, "coordination");
    say("watching", { after: position });
    watch = queues.Watch({ after_position: position }, register);
    watch.on("data", (change) => {
      position = change.position;
      say("change", { position, what: change.what, consultation: change.entry.consultation_id, status: change.entry.status });
      if (change.what === "ExpertInvited") {
        accept(change.entry.consultation_id).catch((error) => say("failed", { code: error.code, message: error.message }));
      }
    });
    watch.on("error", () => {});
    watch.on("status", ({ code }) => {
      queues.close();
      resolve(code);
    });
  });

while (!ended) {
  const code = await watchOnce();
  if (!ended) {
    say("broken", { code });
    await pause(500);
  }
}

say("ended", { position });
process.exit(0);
