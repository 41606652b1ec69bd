// Writes `src/generated` from the IDL. With `--check`, fails if it is stale.

import {
  appendFile,
  cp,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { renderVisitor } from "@codama/renderers-js";
import { createFromJson } from "codama";

const IDL = fileURLToPath(
  new URL("../../idl/ebb_device_registry.json", import.meta.url),
);
const GENERATED = fileURLToPath(new URL("../src/generated", import.meta.url));

async function generate(folder) {
  const idl = JSON.parse(await readFile(IDL, "utf8"));
  const tree = inlineOwnPdas(idl, idl.program.pdas);
  const renderer = renderVisitor(folder, { generatedFolder: "." });
  await createFromJson(JSON.stringify(tree)).accept(renderer);
  await writeConstants(folder, idl.program.constants);
  await nameImportedFiles(folder);
}

/**
 * The renderer derives a linked PDA under the program's default address,
 * whichever address the caller gives. Written out, it derives it under the
 * caller's. PDAs of other programs stay linked.
 */
function inlineOwnPdas(node, pdas) {
  if (Array.isArray(node)) {
    return node.map((item) => inlineOwnPdas(item, pdas));
  }
  if (node === null || typeof node !== "object") {
    return node;
  }
  if (node.kind === "pdaValueNode" && node.pda.kind === "pdaLinkNode") {
    const pda = pdas.find(({ name }) => name === node.pda.name);
    return pda.programId ? node : { ...node, pda };
  }
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      inlineOwnPdas(value, pdas),
    ]),
  );
}

/** The renderer leaves the program's constants out. */
async function writeConstants(folder, constants) {
  const lines = constants.map(({ docs, name, value }) => {
    const constant = name.replace(/[A-Z]/g, "_$&").toUpperCase();
    return `/** ${docs.join(" ")} */\nexport const ${constant} = ${value.number};\n`;
  });
  await writeFile(join(folder, "constants.ts"), lines.join("\n"));
  await appendFile(
    join(folder, "index.ts"),
    'export * from "./constants.js";\n',
  );
}

/** The renderer imports folders and leaves extensions out; Node takes neither. */
async function nameImportedFiles(folder) {
  const files = await listFiles(folder);
  for (const file of files) {
    const text = await readFile(file, "utf8");
    const named = text.replace(/ from "(\.[^"]*)";/g, (whole, target) => {
      const path = join(dirname(file), target);
      if (target.endsWith(".js")) return whole;
      return files.includes(`${path}.ts`)
        ? ` from "${target}.js";`
        : ` from "${target}/index.js";`;
    });
    await writeFile(file, named);
  }
}

async function listFiles(folder) {
  const entries = await readdir(folder, {
    recursive: true,
    withFileTypes: true,
  });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function readFolder(folder) {
  const texts = new Map();
  for (const file of await listFiles(folder)) {
    texts.set(relative(folder, file), await readFile(file, "utf8"));
  }
  return texts;
}

async function check(fresh) {
  const [expected, found] = [
    await readFolder(fresh),
    await readFolder(GENERATED),
  ];
  const stale = [...new Set([...expected.keys(), ...found.keys()])].filter(
    (file) => expected.get(file) !== found.get(file),
  );
  if (stale.length > 0) {
    console.error(
      "src/generated is not what the IDL gives; run `npm run generate` and commit it:",
    );
    console.error(stale.join("\n"));
    process.exitCode = 1;
  }
}

const fresh = await mkdtemp(join(tmpdir(), "ebb-generated-"));
try {
  await generate(fresh);
  if (process.argv[2] === "--check") {
    await check(fresh);
  } else {
    await rm(GENERATED, { force: true, recursive: true });
    await cp(fresh, GENERATED, { recursive: true });
  }
} finally {
  await rm(fresh, { force: true, recursive: true });
}
