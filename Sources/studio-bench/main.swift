import Base
import Foundation
import Presenter
let size = 512
let t0 = Date()
let r = PresenterRenderer(size: size, budget: ComputeBudget(threads: 2))
print("setup", Date().timeIntervalSince(t0))
var rigs: [(String, PresenterRig)] = []
@MainActor func rig(_ n: String, _ f: (inout PresenterRig) -> Void) { var g = PresenterRig(); f(&g); rigs.append((n, g)) }
rig("neutral") { _ in }
rig("aa") { $0.jaw = 0.9 }
rig("oo") { $0.jaw = 0.35; $0.pucker = 1 }
rig("ee") { $0.jaw = 0.3; $0.wide = 1; $0.upper = 0.4 }
rig("blink") { $0.blink = 1 }
rig("yaw") { $0.pose.yaw = 0.35; $0.jaw = 0.4 }
rig("left") { $0.pose.yaw = -0.35; $0.pose.pitch = -0.15; $0.pose.roll = 0.1 }
rig("mbp") { $0.press = 1 }
rig("fv") { $0.tuck = 1; $0.jaw = 0.15; $0.upper = 0.4 }
for (n, g) in rigs {
    let t = Date()
    let p = r.render(g, budget: ComputeBudget(threads: 2))
    print(n, Date().timeIntervalSince(t), p.mouthOpening)
    var d = Data("P6\n\(size) \(size)\n255\n".utf8); d.append(contentsOf: p.rgb)
    try d.write(to: URL(fileURLWithPath: "/tmp/pr/\(n).ppm"))
    if n == "neutral" || n == "aa" {
        var e = Data("P6\n\(size) \(size)\n255\n".utf8)
        var img = p.parsing.flatMap { c in [[0,0,0],[200,0,0],[0,200,0],[0,0,200],[255,200,0]][Int(c)].map { UInt8($0) } }
        for q in p.landmarks { let x = Int(q.x), y = Int(q.y); for dy in -1...1 { for dx in -1...1 where x+dx >= 0 && x+dx < size && y+dy >= 0 && y+dy < size { let i = 3*((y+dy)*size+x+dx); img[i]=255; img[i+1]=255; img[i+2]=255 } } }
        e.append(contentsOf: img)
        try e.write(to: URL(fileURLWithPath: "/tmp/pr/\(n)-parse.ppm"))
    }
}
