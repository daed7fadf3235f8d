// Starts `studio lsp` for scene files; everything else the server does.
"use strict";

const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

async function start() {
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
