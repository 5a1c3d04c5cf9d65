// Says of each line of a file {"schema": "SubmissionBody", "text": "{…}"} whether the text is what the published schema says: a line "ok", or the first fault.
import { readFileSync } from "node:fs";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const [description, cases] = process.argv.slice(2);
const ajv = addFormats(new Ajv({ strict: false, validateSchema: false }));
ajv.addSchema(JSON.parse(readFileSync(description, "utf8")), "api");
const known = new Map();
const validatorOf = (schema) => {
  if (!known.has(schema)) {
    known.set(schema, ajv.compile({ $ref: `api#/components/schemas/${schema}` }));
  }
  return known.get(schema);
};
const answers = [];
for (const line of readFileSync(cases, "utf8").split("\n").filter((text) => text.length > 0)) {
  const { schema, text } = JSON.parse(line);
  let fault = "ok";
  try {
    const validate = validatorOf(schema);
    if (!validate(JSON.parse(text))) {
      const [first] = validate.errors;
      fault = `${first.instancePath || "/"} ${first.message}`;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) {
      throw error;
    }
    fault = "not JSON";
  }
  answers.push(fault);
}
process.stdout.write(answers.join("\n") + "\n");
