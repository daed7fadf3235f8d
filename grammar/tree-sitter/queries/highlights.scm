; Colours of the scene language.

(line_comment) @comment
(block_comment) @comment

(string) @string
(escape_sequence) @string.escape
(interpolation "\\(" @punctuation.special ")" @punctuation.special)
(interpolation (identifier) @variable.parameter)

(number) @number
(color) @constant

["=" ":" "+" "-" "±" "+-"] @operator
(separator) @punctuation.delimiter
["{" "}" "(" ")"] @punctuation.bracket

(call function: (identifier) @function)

; A dotted name ends in an event, or is a name of another file.
(name (identifier) @variable)
(name (identifier) (identifier) @property)

; Words of clauses that choose between things.
((name (identifier) @constant.builtin)
 (#any-of? @constant.builtin
  "on" "off" "original" "recorded" "never" "linear" "in" "out" "in-out" "hold"
  "full" "center" "left" "right" "top" "bottom" "top-left" "top-right" "bottom-left" "bottom-right"
  "left-half" "right-half" "top-half" "bottom-half" "cover" "contain" "stretch"
  "dissolve" "fade" "wipe" "up" "down" "yaw" "pitch" "roll" "x" "y" "z"
  "text" "number" "duration" "angle" "color" "file" "flag"
  "h264" "h265" "av1" "vp9" "prores" "dnxhr" "png" "exr" "ffv1" "aac" "opus" "flac" "pcm" "none"))

((name (identifier) @keyword)
 (#any-of? @keyword "as" "for" "from" "to" "at" "ease" "under" "every" "lasting" "silently" "loop" "on" "period" "seed" "width" "height"))

; What is declared.
((clause
  word: (keyword) @_kind
  argument: (name (identifier) @type))
 (#eq? @_kind "persona"))
((clause
  word: (keyword) @_kind
  .
  argument: (name (identifier) @function))
 (#any-of? @_kind "path" "blink" "curve"))

; Words that open a clause.
((clause word: (keyword) @keyword)
 (#any-of? @keyword
  "actor" "align" "at" "audio" "background" "blend" "blink" "blink-rate" "blinks" "blur" "box" "captions"
  "channel" "channels" "color" "column" "curve" "direction" "diversity" "dub" "duck" "ease" "energy" "every"
  "face" "fade" "fit" "font" "footage" "from" "gain" "guidance" "height" "hold" "identity" "image" "import"
  "keep" "language" "like" "line-height" "lipdub" "lips" "listening" "loop" "loudness" "margin" "metadata"
  "motion" "mute" "nod" "opacity" "original" "outline" "output" "padding" "param" "path" "performs" "persona"
  "picture" "place" "pose" "provenance" "range" "rate" "reference" "repeat" "scale" "scene" "seed" "shadow"
  "shot" "silence" "size" "sound" "speaks" "speed" "steps" "still" "stretch" "style" "subtitle" "takes"
  "title" "to" "torso" "transition" "tune" "use" "video" "volume" "wander" "weight" "when" "width"))
