// swift-tools-version: 6.2
// The floors of the house (docs/architecture.md, section 1): a target imports only targets of lower floors.
import PackageDescription

/// One row of the target table: where a target stands and what it may see.
struct Room {
    var name: String
    var floor: Int
    var imports: [String] = []
    var products: [(name: String, package: String)] = []
    var optimised = false
    var strictMemory = true
    var isExecutable = false
    var hasTests = true
}

let argumentParser = (name: "ArgumentParser", package: "swift-argument-parser")

/// C libraries from Debian packages: name, pkg-config name, apt packages.
let libraries: [(name: String, pkgConfig: String?, apt: [String])] = [
    ("CFFmpeg", "libavformat libavcodec libavutil libswscale libswresample libavfilter",
     ["libavformat-dev", "libavcodec-dev", "libavutil-dev", "libswscale-dev", "libswresample-dev", "libavfilter-dev"]),
    ("COpenBLAS", "openblas", ["libopenblas-dev"]),
    ("CFreeType", "freetype2", ["libfreetype6-dev"]),
    ("CHarfBuzz", "harfbuzz", ["libharfbuzz-dev"]),
    ("CFontconfig", "fontconfig", ["libfontconfig1-dev"]),
    ("CXML2", "libxml-2.0", ["libxml2-dev"]),
    ("CZlib", "zlib", ["zlib1g-dev"]),
    ("CFlite", nil, ["flite1-dev"]),
    ("CEspeak", "espeak-ng", ["libespeak-ng-dev"]),
]

let rooms: [Room] = [
    Room(name: "Base", floor: 1, imports: [], optimised: true, strictMemory: false),
    Room(name: "Kernels", floor: 1, imports: ["CKernels"], optimised: true, strictMemory: false),

    Room(name: "Diagnostics", floor: 2, imports: ["Base"]),
    Room(name: "Motion", floor: 2, imports: ["Base"]),
    Room(name: "Imaging", floor: 2, imports: ["Base", "Kernels"], optimised: true, strictMemory: false),
    Room(name: "Sound", floor: 2, imports: ["Base", "Kernels"], optimised: true, strictMemory: false),
    Room(name: "Tensors", floor: 2, imports: ["Base", "Kernels", "CKernels", "COpenBLAS", "CZlib"], optimised: true, strictMemory: false),

    Room(name: "SceneSyntax", floor: 3, imports: ["Base", "Diagnostics"]),
    Room(name: "Media", floor: 3, imports: ["Base", "Imaging", "Sound", "CFFmpeg"], strictMemory: false),
    Room(name: "Typography", floor: 3, imports: ["Base", "Imaging", "CFreeType", "CHarfBuzz", "CFontconfig"], strictMemory: false),
    Room(name: "Interchange", floor: 3, imports: ["Base", "Motion", "CXML2"], strictMemory: false),

    Room(name: "SceneModel", floor: 4, imports: ["Base", "Diagnostics", "Motion", "SceneSyntax"]),
    Room(name: "RenderGraph", floor: 4, imports: ["Base", "Diagnostics", "Motion", "Imaging", "Sound"]),
    Room(name: "Engines", floor: 4, imports: ["Base", "Motion", "Imaging", "Sound", "Tensors"], hasTests: false),

    Room(name: "SceneLint", floor: 5, imports: ["Base", "Diagnostics", "Motion", "SceneSyntax", "SceneModel"]),
    Room(name: "RenderNodes", floor: 5,
         imports: ["Base", "Motion", "Imaging", "Sound", "Media", "Typography", "Interchange", "RenderGraph", "Engines"]),
    Room(name: "Speech", floor: 5, imports: ["Base", "Kernels", "Sound", "Tensors", "Engines", "CFlite", "CEspeak"],
         optimised: true, strictMemory: false),
    Room(name: "TalkingHead", floor: 5,
         imports: ["Base", "Kernels", "Motion", "Imaging", "Sound", "Tensors", "Engines"],
         optimised: true, strictMemory: false),
    Room(name: "Faces", floor: 5, imports: ["Base", "Kernels", "Imaging", "Media", "Tensors", "Engines"],
         optimised: true, strictMemory: false),
    Room(name: "Presenter", floor: 5, imports: ["Base", "Kernels", "Motion", "Imaging"],
         optimised: true, strictMemory: false),

    Room(name: "SceneCompiler", floor: 6,
         imports: ["Base", "Diagnostics", "Motion", "Imaging", "Sound", "Media", "Typography", "Interchange",
                   "SceneSyntax", "SceneModel", "RenderGraph", "RenderNodes", "Engines"]),
    Room(name: "LanguageServer", floor: 6, imports: ["Base", "Diagnostics", "Motion", "SceneSyntax", "SceneModel", "SceneLint"]),
    Room(name: "Capture", floor: 6,
         imports: ["Base", "Motion", "Imaging", "Sound", "Tensors", "Media", "Interchange", "Engines", "Speech", "Faces", "Presenter"],
         optimised: true, strictMemory: false),

    Room(name: "StudioKit", floor: 7,
         imports: ["Base", "Diagnostics", "Motion", "Imaging", "Sound", "Tensors", "Media", "Typography", "Interchange",
                   "SceneSyntax", "SceneModel", "RenderGraph", "Engines", "SceneLint", "RenderNodes", "Speech",
                   "TalkingHead", "Faces", "Presenter", "SceneCompiler", "LanguageServer", "Capture"],
         strictMemory: false),

    Room(name: "studio", floor: 8, imports: ["StudioKit", "Base", "Diagnostics"], products: [argumentParser],
         strictMemory: false, isExecutable: true),
    Room(name: "studio-dev", floor: 8, imports: ["Base", "Capture"],
         products: [argumentParser], strictMemory: false, isExecutable: true, hasTests: false),
    Room(name: "studio-bench", floor: 8,
         imports: ["Base", "Kernels", "Imaging", "Tensors", "Engines", "TalkingHead", "Presenter", "Motion"],
         strictMemory: false, isExecutable: true, hasTests: false),
    Room(name: "language-bench", floor: 8, imports: ["LanguageServer"],
         strictMemory: false, isExecutable: true, hasTests: false),
]

/// `STUDIO_FUZZ=RUNTIME` makes the fuzzers and nothing else, with libFuzzer's runtime archive at that path: scripts/fuzz.
let fuzzRuntime = Context.environment["STUDIO_FUZZ"].flatMap { $0.isEmpty ? nil : $0 }
let fuzzer = Room(name: "studio-fuzz", floor: 8, imports: ["Base", "Motion", "Diagnostics", "SceneSyntax", "SceneModel", "SceneLint"],
                  strictMemory: false, isExecutable: true, hasTests: false)

/// `STUDIO_TARGETS=Media,Sound` narrows the package to those rooms, what they import, and their tests: a fast inner loop.
func narrowed(_ all: [Room]) -> [Room] {
    guard let list = fuzzRuntime == nil ? Context.environment["STUDIO_TARGETS"] : fuzzer.name, !list.isEmpty else { return all }
    var wanted = Set(list.split(separator: ",").map(String.init))
    let asked = wanted
    for room in all.reversed() where wanted.contains(room.name) { wanted.formUnion(room.imports) }
    return all.filter { wanted.contains($0.name) }.map {
        var room = $0
        room.hasTests = room.hasTests && asked.contains(room.name)
        return room
    }
}

/// Portable builds drop AVX2: `STUDIO_BASELINE=1 swift build`.
let baseline = Context.environment["STUDIO_BASELINE"] != nil
let instructionSet = baseline ? [] : [
    "-Xcc", "-march=haswell", "-Xfrontend", "-target-cpu", "-Xfrontend", "haswell",
]

@MainActor func settings(_ room: Room) -> [SwiftSetting] {
    var list: [SwiftSetting] = [
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableExperimentalFeature("Lifetimes"),
    ]
    if !instructionSet.isEmpty { list.append(.unsafeFlags(instructionSet)) }
    if room.optimised { list.append(.unsafeFlags(["-O"], .when(configuration: .debug))) }
    if room.strictMemory { list.append(.strictMemorySafety()) }
    if fuzzRuntime != nil { list.append(.unsafeFlags(["-sanitize=fuzzer"])) }
    return list
}

@MainActor func build(_ rooms: [Room]) -> [Target] {
    var floors = Dictionary(uniqueKeysWithValues: libraries.map { ($0.name, 0) })
    floors["CKernels"] = 0
    for room in rooms { floors[room.name] = room.floor }
    var needed = Set<String>()
    var targets: [Target] = []
    for room in rooms {
        for name in room.imports {
            guard let below = floors[name], below < room.floor || (below == 0) else {
                fatalError("\(room.name) (floor \(room.floor)) may not import \(name) (floor \(floors[name] ?? -1))")
            }
            needed.insert(name)
        }
        let dependencies: [Target.Dependency] = room.imports.map { .byName(name: $0) }
            + room.products.map { .product(name: $0.name, package: $0.package) }
        targets.append(room.isExecutable
            ? .executableTarget(name: room.name, dependencies: dependencies, swiftSettings: settings(room),
                                linkerSettings: fuzzRuntime.map { [.unsafeFlags(["-Xlinker", $0, "-lstdc++"])] } ?? [])
            : .target(name: room.name, dependencies: dependencies, swiftSettings: settings(room)))
        if room.hasTests {
            var seen: [Target.Dependency] = room.imports.filter { floors[$0] != 0 }.map { .byName(name: $0) }
            seen.append(.byName(name: room.name))
            seen.append("TestSupport")
            var testSettings = settings(Room(name: room.name, floor: 9, strictMemory: false))
            testSettings.append(.unsafeFlags(["-O"], .when(configuration: .debug)))
            targets.append(.testTarget(name: room.name + "Tests", dependencies: seen, swiftSettings: testSettings))
        }
    }
    targets.append(.target(name: "TestSupport", dependencies: ["Base"], path: "Tests/TestSupport",
                           swiftSettings: [.treatAllWarnings(as: .error)]))
    if needed.contains("CKernels") {
        targets.append(.target(name: "CKernels", cSettings: [.unsafeFlags(["-O3"] + (baseline ? [] : ["-march=haswell"]))]))
    }
    for library in libraries where needed.contains(library.name) {
        targets.append(.systemLibrary(name: library.name, pkgConfig: library.pkgConfig, providers: [.apt(library.apt)]))
    }
    return targets
}

let chosen = narrowed(fuzzRuntime == nil ? rooms : rooms + [fuzzer])
let usesPackages = chosen.contains { !$0.products.isEmpty }
let package = Package(
    name: "studio",
    dependencies: usesPackages ? [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    ] : [],
    targets: build(chosen),
    swiftLanguageModes: [.v6]
)
