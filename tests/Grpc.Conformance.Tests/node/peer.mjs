// A gRPC peer made of @grpc/grpc-js. It reads one JSON command per line and answers each with one JSON line of the same id.
// Binary fields and "-bin" metadata are base64 in JSON.
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import * as loader from "@grpc/proto-loader";

const [echoProto, protosFolder] = process.argv.slice(2);
const shape = { keepCase: true, longs: Number, enums: String, bytes: String, defaults: true };
const load = (file, folder) => grpc.loadPackageDefinition(loader.loadSync(file, { ...shape, includeDirs: [folder] }));
const echo = load(echoProto, ".").otplatform.conformance.v1.Echo;
const health = load("grpc/health/v1/health.proto", protosFolder).grpc.health.v1.Health;
const reflections = {
  v1: load("grpc/reflection/v1/reflection.proto", protosFolder).grpc.reflection.v1.ServerReflection,
  v1alpha: load("grpc/reflection/v1alpha/reflection.proto", protosFolder).grpc.reflection.v1alpha.ServerReflection,
};

const toMetadata = (entries = {}) => {
  const metadata = new grpc.Metadata();
  for (const [key, values] of Object.entries(entries)) {
    for (const value of [values].flat()) {
      metadata.add(key, key.endsWith("-bin") ? Buffer.from(value, "base64") : value);
    }
  }
  return metadata;
};
const fromMetadata = (metadata) =>
  Object.fromEntries(Object.keys(metadata?.getMap() ?? {}).map((key) => [key, metadata.get(key).map((value) => (Buffer.isBuffer(value) ? value.toString("base64") : value))]));

// Makes a call of any kind and tells all that came back.
function call({ address, service = echo, method, requests = [{}], metadata, deadlineMs, cancelAfterReplies, cancelAtHeaders, gzip, byTurns, maxReceive }) {
  const options = gzip ? { "grpc.default_compression_algorithm": 2 } : {};
  if (maxReceive) {
    options["grpc.max_receive_message_length"] = maxReceive;
  }
  const client = new service(address, grpc.credentials.createInsecure(), options);
  const definition = service.service[method];
  const callOptions = deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
  return new Promise((resolve) => {
    const result = { replies: [], headers: null };
    const finish = (status) => {
      client.close();
      resolve({ ...result, code: status.code, details: status.details, trailers: fromMetadata(status.metadata) });
    };
    const single = (error, reply) => reply && result.replies.push(reply);
    const sent = definition.requestStream ? [] : [requests[0]];
    const last = definition.responseStream ? [] : [single];
    const made = client[method](...sent, toMetadata(metadata), callOptions, ...last);
    made.on("metadata", (headers) => {
      result.headers = fromMetadata(headers);
      if (cancelAtHeaders) {
        made.cancel();
      }
    });
    made.on("status", finish);
    made.on("error", () => {});
    const waiting = definition.requestStream ? [...requests] : [];
    const writeNext = () => (waiting.length > 0 ? made.write(waiting.shift()) : made.end());
    made.on("data", (reply) => {
      result.replies.push(reply);
      if (result.replies.length === cancelAfterReplies) {
        made.cancel();
      } else if (byTurns) {
        writeNext();
      }
    });
    if (definition.requestStream && byTurns) {
      writeNext();
    } else if (definition.requestStream) {
      waiting.forEach((request) => made.write(request));
      made.end();
    }
  });
}

const reflect = async (address, version, request) => {
  const result = await call({ address, service: reflections[version], method: "ServerReflectionInfo", requests: [{ host: "here", ...request }] });
  return result;
};

// Calls a method with nothing but what reflection tells about it.
async function callReflected({ address, version, symbol, method, request }) {
  const found = await reflect(address, version, { file_containing_symbol: symbol });
  const files = found.replies[0].file_descriptor_response.file_descriptor_proto.map((file) => Buffer.from(file, "base64"));
  const set = Buffer.concat(files.flatMap((file) => [Buffer.from([0x0a, ...varint(file.length)]), file]));
  const definition = grpc.loadPackageDefinition(loader.loadFileDescriptorSetFromBuffer(set, shape));
  const service = symbol.split(".").reduce((place, name) => place[name], definition);
  return call({ address, service, method, requests: [request] });
}

function varint(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) {
    bytes.push((value & 127) | 128);
  }
  return [...bytes, value];
}

// The same service as the tests' own, so that their client has a foreign server.
function serve() {
  const returned = (metadata, prefix) => {
    const back = new grpc.Metadata();
    for (const key of Object.keys(metadata.getMap()).filter((name) => name.startsWith("echo-"))) {
      metadata.get(key).forEach((value) => back.add(prefix + key, value));
    }
    return back;
  };
  const server = new grpc.Server();
  server.addService(echo.service, {
    Say(given, done) {
      given.sendMetadata(returned(given.metadata, ""));
      const answer = () => done(null, { text: given.request.text, filling: given.request.filling }, returned(given.metadata, "trailing-"));
      given.request.wait_milliseconds > 0 ? setTimeout(answer, given.request.wait_milliseconds) : answer();
    },
    Count(given) {
      const { up_to, fail_after } = given.request;
      for (let number = 1; number <= up_to; number++) {
        if (fail_after > 0 && number > fail_after) {
          const metadata = toMetadata({ counted: `${fail_after}` });
          given.emit("error", { code: grpc.status.DATA_LOSS, details: "lost on the way", metadata });
          return;
        }
        given.write({ number });
      }
      given.end();
    },
    Sum(given, done) {
      const reply = { total: 0, count: 0 };
      given.on("data", ({ number }) => {
        reply.total += number;
        reply.count++;
      });
      given.on("end", () => done(null, reply));
    },
    Converse(given) {
      given.sendMetadata(returned(given.metadata, ""));
      given.on("data", (said) => given.write({ text: said.text, filling: said.filling }));
      given.on("end", () => given.end());
    },
    Fail(given, done) {
      done({ code: given.request.code, details: given.request.detail, metadata: toMetadata({ reason: "asked-for", "reason-bin": "AAH+/w==" }) });
    },
  });
  return new Promise((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve({ port })))
  );
}

const commands = {
  call: (asked) => call(asked),
  health: (asked) => call({ ...asked, service: health }),
  reflect: ({ address, version, request }) => reflect(address, version, request),
  callReflected,
  serve,
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, command, ...asked } = JSON.parse(line);
  commands[command](asked).then(
    (answer) => console.log(JSON.stringify({ id, answer })),
    (error) => console.log(JSON.stringify({ id, error: `${error.stack}` }))
  );
}
process.exit(0);
