#!/usr/bin/env python3
"""Makes the extension a file that VS Code installs: scene-language-VERSION.vsix. Needs nothing but Python.

    package.py [-o FOLDER]

The client library goes in where `npm install` has brought it; without it the package colours and pairs brackets, and says
when it is opened that findings, completion and the rest need the library.
"""
import json
import pathlib
import sys
import zipfile
from xml.sax.saxutils import quoteattr

here = pathlib.Path(__file__).resolve().parent
TYPES = {"json": "application/json", "js": "application/javascript", "md": "text/markdown", "txt": "text/plain", "vsixmanifest": "text/xml"}


def contents():
    """Name in the package to file."""
    files = {name: here / name for name in ("package.json", "extension.js", "language-configuration.json", "README.md")}
    files["syntaxes/scene.tmLanguage.json"] = here / "../textmate/scene.tmLanguage.json"
    files["LICENSE.txt"] = here / "../../LICENSE"
    library = here / "node_modules"
    if library.is_dir():
        # Packages that only the packing needs stay outside.
        wanted, seen = ["vscode-languageclient"], set()
        while wanted:
            name = wanted.pop()
            if name in seen:
                continue
            seen.add(name)
            for file in sorted((library / name).rglob("*")):
                if file.is_file():
                    files[f"node_modules/{file.relative_to(library).as_posix()}"] = file
            wanted += json.loads((library / name / "package.json").read_text("utf-8")).get("dependencies", {})
    return files


def check(manifest, files):
    """What VS Code would refuse, or pass over without a word."""
    faults = [f"package.json lacks {key}" for key in ("name", "publisher", "version", "engines", "main", "contributes") if key not in manifest]
    named = [manifest["main"]] + [item["path"] for item in manifest["contributes"]["grammars"]] + [item["configuration"] for item in manifest["contributes"]["languages"]]
    faults += [f"package.json names {path}, which is not in the package" for path in named if path.removeprefix("./") not in files]
    languages = {item["id"] for item in manifest["contributes"]["languages"]}
    faults += [f"the grammar of {item['language']} has no language" for item in manifest["contributes"]["grammars"] if item["language"] not in languages]
    scope = json.loads(files["syntaxes/scene.tmLanguage.json"].read_text("utf-8"))["scopeName"]
    faults += [f"the grammar's scope is {scope}" for item in manifest["contributes"]["grammars"] if item["scopeName"] != scope]
    script = files["extension.js"].read_text("utf-8")
    faults += [f"extension.js never registers {item['command']}" for item in manifest["contributes"].get("commands", []) if f'"{item["command"]}"' not in script]
    for key in manifest["contributes"]["configuration"]["properties"]:
        if f'"{key.removeprefix("scene.")}"' not in script:
            faults.append(f"extension.js never reads {key}")
    return faults


def write(path, manifest, files):
    identity = f'Language="en-US" Id={quoteattr(manifest["name"])} Version={quoteattr(manifest["version"])} Publisher={quoteattr(manifest["publisher"])}'
    vsix = f"""<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity {identity}/>
    <DisplayName>{manifest["displayName"]}</DisplayName>
    <Description xml:space="preserve">{manifest["description"]}</Description>
    <Categories>{",".join(manifest["categories"])}</Categories>
    <Properties><Property Id="Microsoft.VisualStudio.Code.Engine" Value={quoteattr(manifest["engines"]["vscode"])}/></Properties>
    <License>extension/LICENSE.txt</License>
  </Metadata>
  <Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/README.md" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.License" Path="extension/LICENSE.txt" Addressable="true"/>
  </Assets>
</PackageManifest>
"""
    endings = sorted({file.rsplit(".", 1)[-1] for file in files if "." in file.rsplit("/", 1)[-1]} | {"vsixmanifest"})
    types = "".join(f'<Default Extension=".{ending}" ContentType="{TYPES.get(ending, "application/octet-stream")}"/>' for ending in endings)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        def add(name, data):
            # One date for all: the same files are the same bytes.
            package.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)

        add("[Content_Types].xml", f'<?xml version="1.0" encoding="utf-8"?>\n<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{types}</Types>\n')
        add("extension.vsixmanifest", vsix)
        for name, file in sorted(files.items()):
            add(f"extension/{name}", file.read_bytes())


def main():
    folder = pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 and sys.argv[1] == "-o" else here
    if len(sys.argv) not in (1, 3):
        print(__doc__)
        sys.exit(2)
    manifest, files = json.loads((here / "package.json").read_text("utf-8")), contents()
    faults = check(manifest, files)
    for fault in faults:
        print(f"failed: {fault}")
    if faults:
        sys.exit(1)
    path = folder / f"{manifest['name']}-{manifest['version']}.vsix"
    write(path, manifest, files)
    has_client = any(name.startswith("node_modules/") for name in files)
    print(f"{path} ({len(files)} files{'' if has_client else '; without the client library: colours only, run npm install first for the rest'})")


main()
