/**
 * The scene language for tree-sitter: one shape for all clauses, as in the program's own parser.
 * Which words may stand where is not said here; `grammar/scene.ebnf` does, and `studio lsp`.
 */

/// <reference types="tree-sitter-cli/dsl" />

const LETTER = "\\p{Alphabetic}\\p{Mn}";
const NAME = new RegExp(`[${LETTER}]([${LETTER}0-9_]|-[${LETTER}0-9_])*`, "u");
const NUMBER = new RegExp(
  "[+-]?([0-9]+(\\.[0-9]+)?|\\.[0-9]+)" + // 12 1.5 .5
    "(:[0-9]+(\\.[0-9]+)?)*" + // 1:02.5 00:00:02:12
    "([eE][+-]?[0-9]+)?" +
    "(/[0-9]+)?" + // 24000/1001fps
    `(%|[${LETTER}0-9]*)`, // units, and 1280x720
  "u",
);

module.exports = grammar({
  name: "scene",

  word: ($) => $.identifier,

  // Block comments stand inside each other, which no regular expression can count; inside a string they are none.
  // The last one stands in no rule: the scanner sees by it that the parser is lost.
  externals: ($) => [$.block_comment, $.string_content, $._error_sentinel],

  extras: ($) => [/[ \t\r\f\uFEFF]/, $.line_comment, $.block_comment],

  rules: {
    source_file: ($) => seq(optional($.clause), repeat(seq($._end, optional($.clause)))),

    block: ($) => seq("{", optional($.clause), repeat(seq($._end, optional($.clause))), "}"),

    // A statement ends with its line or with `;`.
    _end: (_) => choice("\n", ";"),

    clause: ($) =>
      seq(
        field("word", alias($.identifier, $.keyword)),
        repeat(field("argument", $._argument)),
        optional(field("block", $.block)),
      ),

    _argument: ($) => choice($._value, $.tolerance, $.separator, "=", ":"),

    // A line that ends in a comma goes on in the next one.
    separator: (_) => prec.right(seq(",", repeat("\n"))),

    tolerance: ($) => seq(choice("±", "+-"), $._operand),

    _value: ($) => choice($._operand, $.sum),

    sum: ($) => prec.left(seq($._operand, repeat1(seq(choice("+", "-"), $._operand)))),

    _operand: ($) => choice($.name, $.string, $.number, $.color, $.call),

    // `nova`, `cast.nova`, `hello.end`: nothing stands between a dot and its neighbours.
    name: ($) => seq($.identifier, repeat(seq(token.immediate("."), alias(token.immediate(NAME), $.identifier)))),

    call: ($) =>
      seq(
        field("function", $.identifier),
        token.immediate("("),
        repeat(choice($._value, $.tolerance, ",", "\n")),
        ")",
      ),

    string: ($) =>
      seq(
        '"',
        repeat(choice($.string_content, $.escape_sequence, $.interpolation)),
        token.immediate('"'),
      ),
    escape_sequence: (_) => token.immediate(/\\([nt"\\]|u\{[0-9A-Fa-f]{1,8}\})/),
    interpolation: ($) => seq(token.immediate("\\("), $.identifier, ")"),

    number: (_) => NUMBER,
    color: (_) => /#[0-9A-Za-z]*/,
    identifier: (_) => NAME,
    line_comment: (_) => token(seq("//", /[^\n]*/)),
  },
});
