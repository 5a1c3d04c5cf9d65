// Prints a line per fault and exits 1 when a file of the catalogue is not what its schema says.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const [schemas, ...pairs] = process.argv.slice(2);
const ajv = addFormats(new Ajv({ allErrors: true, strict: true, strictRequired: false, strictTypes: false }));
const read = (path) => JSON.parse(readFileSync(path, "utf8"));
let faults = 0;
for (const pair of pairs) {
  const [schema, file] = pair.split("=");
  const validate = ajv.compile(read(join(schemas, `${schema}.schema.json`)));
  if (!validate(read(file))) {
    for (const fault of validate.errors) {
      console.log(`${basename(file)} ${fault.instancePath || "/"} ${fault.message}`);
      faults++;
    }
  }
}
console.log(`${pairs.length} files, ${faults} faults`);
process.exit(faults === 0 ? 0 : 1);
