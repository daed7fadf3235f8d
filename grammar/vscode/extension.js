// Starts `studio lsp` for scene files; everything else the server does.
"use strict";

const vscode = require("vscode");

let client;

/** The client library; undefined in a package that was made without it, which colours all the same. */
function library() {
  try {
    return require("vscode-languageclient/node");
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    vscode.window.showWarningMessage("Scene: this package was made without vscode-languageclient. It colours; findings and completion need a package made after `npm install`.");
    return undefined;
  }
}

async function start() {
  const found = library();
  if (!found) return;
  const { LanguageClient, TransportKind } = found;
  const settings = vscode.workspace.getConfiguration("scene");
  const run = {
    command: settings.get("program", "studio"),
    args: settings.get("arguments", ["lsp"]),
    transport: TransportKind.stdio,
  };
  client = new LanguageClient("scene", "Scene", { run, debug: run }, {
    documentSelector: [{ language: "scene" }],
    synchronize: {
      // Films, voices and personas are looked at again when they change.
      fileEvents: vscode.workspace.createFileSystemWatcher("**/*.{scene,persona,wav,mp3,flac,mp4,mov,png,jpg,srt,vtt,csv}"),
    },
  });
  try {
    await client.start();
  } catch (error) {
    vscode.window.showErrorMessage(`${run.command} does not start: ${error.message}. Set “scene.program” to where studio is.`);
  }
}

async function stop() {
  const running = client;
  client = undefined;
  if (running) await running.stop();
}

exports.activate = async (context) => {
  context.subscriptions.push(vscode.commands.registerCommand("scene.restart", async () => { await stop(); await start(); }));
  await start();
};
exports.deactivate = stop;
