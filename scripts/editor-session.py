#!/usr/bin/env python3
"""A whole session with `studio lsp` through a real client library (pip install pygls).

    editor-session.py PROGRAM [FOLDER]

Opens a scene, types a mistake and mends it by the quick fix, completes, hovers, goes to a definition in another file,
renames over two files, formats, asks for symbols, tokens and hints, cancels, and ends in order.
"""
import asyncio
import pathlib
import sys
import tempfile

try:
    from lsprotocol import types
    from pygls.lsp.client import LanguageClient
except ImportError:
    print("skipped: pygls is not installed")
    sys.exit(0)

CAST = 'style big { size 9% }\npath glance { at 0s yaw 0deg ; at 2s yaw 9deg }\n'
MAIN = """import "cast.scene" as cast

scene "Session" { size 640x360 ; rate 25fps }

shot one for 4s {
    background #20303c
    title "Hallo 😀" { style cast.big ; from shot.end - 1.5s }
}

output "out.mp4"
"""


async def session(program, folder):
    folder = pathlib.Path(folder).resolve()
    (folder / "studio.toml").write_text("")
    (folder / "cast.scene").write_text(CAST)
    (folder / "main.scene").write_text(MAIN)
    uri = (folder / "main.scene").as_uri()
    cast = (folder / "cast.scene").as_uri()
    passed = 0

    def expect(what, good, found=None):
        nonlocal passed
        if not good:
            raise AssertionError(f"{what}: {found!r}")
        passed += 1

    client = LanguageClient("editor-session", "1")
    published = asyncio.Queue()

    @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def _(params):
        published.put_nowait(params)

    async def findings(version):
        while True:
            params = await asyncio.wait_for(published.get(), 30)
            if params.uri == uri and params.version == version:
                return params.diagnostics

    await client.start_io(program, "lsp")
    answer = await client.initialize_async(types.InitializeParams(
        process_id=None, root_uri=folder.as_uri(),
        capabilities=types.ClientCapabilities(text_document=types.TextDocumentClientCapabilities(
            completion=types.CompletionClientCapabilities(completion_item=types.ClientCompletionItemOptions(snippet_support=True))))))
    expect("server", answer.server_info.name == "studio", answer.server_info)
    expect("positions", answer.capabilities.position_encoding == types.PositionEncodingKind.Utf16)
    client.initialized(types.InitializedParams())

    client.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "scene", 1, MAIN)))
    found = await findings(1)
    expect("no errors", not [d for d in found if d.severity == types.DiagnosticSeverity.Error], found)

    document = types.TextDocumentIdentifier(uri)
    lines = MAIN.split("\n")

    def place(line, column):
        return types.Position(line, column)

    async def change(version, start, end, text):
        client.text_document_did_change(types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(version, uri), [types.TextDocumentContentChangePartial(types.Range(start, end), text)]))
        return await findings(version)

    # `background` loses a letter and gets it back by the quick fix.
    found = await change(2, place(5, 6), place(5, 7), "")
    expect("a finding while typing", found and found[0].code == "unknown-clause", found)
    actions = await client.text_document_code_action_async(types.CodeActionParams(document, found[0].range, types.CodeActionContext(found)))
    edit = actions[0].edit.changes[uri][0]
    expect("a quick fix", edit.new_text == "background", actions)
    found = await change(3, edit.range.start, edit.range.end, edit.new_text)
    expect("mended", not [d for d in found if d.severity == types.DiagnosticSeverity.Error], found)

    title = 6
    column = len(lines[title][: lines[title].index("cast.big")].encode("utf-16-le")) // 2
    items = (await client.text_document_completion_async(types.CompletionParams(document, place(title, column + 5)))).items
    expect("completion of names", "cast.big" in [i.label for i in items], items)
    items = (await client.text_document_completion_async(types.CompletionParams(document, place(7, 0)))).items
    expect("completion of clauses", {"actor", "footage", "title"} <= {i.label for i in items}, items)

    end = len(lines[title][: lines[title].index("shot.end")].encode("utf-16-le")) // 2
    hover = await client.text_document_hover_async(types.HoverParams(document, place(title, end + 2)))
    expect("hover of a time", "2.5 s" in hover.contents.value, hover)

    target = await client.text_document_definition_async(types.DefinitionParams(document, place(title, column + 6)))
    expect("definition in the other file", target.uri == cast and target.range.start == place(0, 6), target)

    uses = await client.text_document_references_async(types.ReferenceParams(types.ReferenceContext(True), document, place(title, column + 6)))
    expect("references", {u.uri for u in uses} == {uri, cast}, uses)
    renamed = await client.text_document_rename_async(types.RenameParams(text_document=document, position=place(title, column + 6), new_name="huge"))
    expect("rename over two files", set(renamed.changes) == {uri, cast}, renamed)
    expect("behind the wide letter", renamed.changes[uri][0].range.start == place(title, column + 5), renamed)

    symbols = await client.text_document_document_symbol_async(types.DocumentSymbolParams(document))
    expect("symbols", "one" in [s.name for s in symbols], symbols)
    tokens = await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(document))
    expect("tokens", len(tokens.data) > 50 and len(tokens.data) % 5 == 0)
    hints = await client.text_document_inlay_hint_async(types.InlayHintParams(document, types.Range(place(0, 0), place(99, 0))))
    expect("hints", "= 2.5 s" in [h.label for h in hints], hints)

    await change(4, place(2, 5), place(2, 5), "   ")
    edits = await client.text_document_formatting_async(types.DocumentFormattingParams(document, types.FormattingOptions(4, True)))
    expect("formatting", len(edits) == 1, edits)

    # A request that is cancelled still gets one answer: its result, or the word that it was cancelled.
    late = client.protocol.send_request(types.TEXT_DOCUMENT_HOVER, types.HoverParams(document, place(0, 0)), msg_id="late")
    client.cancel_request(types.CancelParams("late"))
    try:
        await asyncio.wait_for(asyncio.wrap_future(late), 30)
    except Exception as error:
        expect("cancelled", "cancel" in str(error).lower() or type(error).__name__ == "CancelledError", error)
    passed += 1

    await client.shutdown_async(None)
    client.exit(None)
    code = await asyncio.wait_for(client._server.wait(), 30)
    expect("exit code", code == 0, code)
    await client.stop()
    print(f"{passed} passed, 0 failed")


def main():
    if len(sys.argv) < 2:
        print(__doc__)
        sys.exit(2)
    if len(sys.argv) > 2:
        asyncio.run(session(sys.argv[1], sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(session(sys.argv[1], folder))


main()
