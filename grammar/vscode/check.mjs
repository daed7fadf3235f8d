#!/usr/bin/env node
// Runs the extension in a VS Code made of names: it starts `studio lsp`, restarts it, stops it, and lives without its library.
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const Module = require("node:module");
const here = path.dirname(fileURLToPath(import.meta.url));
let passed = 0, failed = 0;
const expect = (what, good, words = "") => { if (good) passed++; else { failed++; console.log(`failed: ${what} ${words}`); } };

/** One life of the extension: what it asked for, and what came of it. */
async function life({ hasLibrary, startFails = false, settings = {} }) {
  const seen = { clients: [], commands: new Map(), errors: [], warnings: [], started: 0, stopped: 0 };
  const vscode = {
    workspace: {
      getConfiguration: () => ({ get: (key, otherwise) => settings[key] ?? otherwise }),
      createFileSystemWatcher: (pattern) => ({ pattern }),
    },
    window: { showErrorMessage: (text) => seen.errors.push(text), showWarningMessage: (text) => seen.warnings.push(text) },
    commands: { registerCommand: (name, body) => { seen.commands.set(name, body); return { dispose() {} }; } },
  };
  const library = {
    TransportKind: { stdio: 0 },
    LanguageClient: class {
      constructor(id, name, server, client) { seen.clients.push({ id, name, server, client }); }
      async start() { if (startFails) throw new Error("ENOENT"); seen.started++; }
      async stop() { seen.stopped++; }
    },
  };
  const load = Module._load;
  Module._load = (name, ...rest) => {
    if (name === "vscode") return vscode;
    if (name === "vscode-languageclient/node") {
      if (hasLibrary) return library;
      throw Object.assign(new Error("not found"), { code: "MODULE_NOT_FOUND" });
    }
    return load(name, ...rest);
  };
  try {
    const file = path.join(here, "extension.js");
    delete require.cache[file];
    const extension = require(file);
    await extension.activate({ subscriptions: [] });
    await seen.commands.get("scene.restart")?.();
    await extension.deactivate();
  } finally { Module._load = load; }
  return seen;
}

const whole = await life({ hasLibrary: true });
expect("it starts the server, and again by the command", whole.started === 2 && whole.stopped === 2, JSON.stringify(whole));
expect("the server is `studio lsp`", whole.clients[0].server.run.command === "studio" && whole.clients[0].server.run.args.join() === "lsp");
expect("for scene files", whole.clients[0].client.documentSelector[0].language === "scene");
expect("it says nothing", whole.errors.length + whole.warnings.length === 0);

const named = await life({ hasLibrary: true, settings: { program: "/opt/studio", arguments: ["lsp", "--no-media"] } });
expect("the settings name the program", named.clients[0].server.run.command === "/opt/studio" && named.clients[0].server.run.args.length === 2);

const broken = await life({ hasLibrary: true, startFails: true });
expect("a program that is not there is named", broken.errors.length > 0 && broken.errors[0].includes("scene.program"));

const bare = await life({ hasLibrary: false });
expect("without the library it says so and colours", bare.warnings.length > 0 && bare.started === 0);

console.log(`${passed} passed, ${failed} failed`);
if (failed) process.exitCode = 1;
