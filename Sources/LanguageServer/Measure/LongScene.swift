// A scene as long as one likes: people, voices, pictures, motions and shots in the mix that real ones have.

enum LongScene {
    /// At least so many lines, clean but for what the rules say of a film that goes on for minutes.
    static func text(lines: Int) -> String {
        let cast = max(1, lines / 25)
        var text = ["scene \"Bench\" { size 1280x720 ; rate 25fps ; seed 7 }", "", "persona nova = \"nova.persona\""]
        for index in 0..<cast { text += ["audio line\(index) = \"audio/line\(index).wav\"", "image back\(index) = \"back/\(index).png\""] }
        for index in 0..<cast {
            text += ["path move\(index) {", "    at 0s    yaw 0deg", "    at 1.\(index % 10)s  yaw \(index % 12)deg pitch -4deg ease in-out", "    at 4s    yaw 0deg  pitch 0deg", "}"]
        }
        var part = 0
        while text.count < lines - 2 {
            let index = part % cast
            text += ["", "shot part\(part) for 5s {", "    background back\(index) { blur 8px }", "    actor nova {", "        speaks line\(index)",
                     "        pose move\(index) offset 1s speed 0.5", "        blinks every 3.5s ± 1s", "        place center 50% 58% height 90%", "    }",
                     "    title \"Part \(part)\" {", "        subtitle \"number \(part)\"", "        style lower-third", "        from 0.5s to shot.end - 0.5s", "        fade 0.3s", "    }", "}"]
            part += 1
        }
        return (text + ["", "output \"out.mp4\""]).joined(separator: "\n") + "\n"
    }
}
