// Holds grammar.js to the corpus without the tree-sitter program: a small recogniser reads the same rules.
//
//   node check.mjs            all checks
//   node check.mjs FILE…      prints the trees of files
//
// 1. The trees of test/corpus are what they say.
// 2. Every script of ../cases and ../../scenes that has no mistake of form is accepted as a whole, token by token.
// 3. Broken texts are not.
// 4. The rules are LALR(1): `tree-sitter generate` finds no conflict that precedence does not settle.
// 5. Every clause of the manual's grammar is a keyword of queries/highlights.scm.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));

// ---- the DSL ----
const wrap = (x) => {
  if (typeof x === "string") return { type: "STRING", value: x };
  if (x instanceof RegExp) return { type: "PATTERN", value: new RegExp(x.source, x.flags.includes("u") ? "uy" : "y") };
  return x;
};
Object.assign(globalThis, {
  seq: (...parts) => ({ type: "SEQ", parts: parts.map(wrap) }),
  choice: (...parts) => ({ type: "CHOICE", parts: parts.map(wrap) }),
  optional: (x) => ({ type: "CHOICE", parts: [wrap(x), { type: "BLANK" }] }),
  repeat: (x) => ({ type: "REPEAT", inner: wrap(x), least: 0 }),
  repeat1: (x) => ({ type: "REPEAT", inner: wrap(x), least: 1 }),
  field: (_, x) => wrap(x),
  alias: (x, to) => ({ type: "ALIAS", inner: wrap(x), name: typeof to === "string" ? to : to.name }),
  token: Object.assign((x) => ({ type: "TOKEN", inner: wrap(x) }), { immediate: (x) => ({ type: "TOKEN", inner: wrap(x), immediate: true }) }),
  prec: Object.assign((_, x) => wrap(x), {
    left: (...a) => wrap(a[a.length - 1]), right: (...a) => wrap(a[a.length - 1]), dynamic: (...a) => wrap(a[a.length - 1]),
  }),
  grammar: (g) => g,
});
const source = createRequire(import.meta.url)("./grammar.js");
const $ = new Proxy({}, { get: (_, name) => ({ type: "SYMBOL", name: String(name) }) });
const rules = Object.fromEntries(Object.entries(source.rules).map(([name, rule]) => [name, wrap(rule($))]));
const extras = source.extras($).map(wrap);
const external = new Set(source.externals($).map((e) => e.name));
const start = Object.keys(rules)[0];
const wordRule = rules[source.word($).name];

// ---- the recogniser: all ends of a rule at a place, with one tree each ----
function blockComment(text, at) {
  if (!text.startsWith("/*", at)) return -1;
  let depth = 1, i = at + 2;
  while (i < text.length && depth > 0) {
    if (text.startsWith("/*", i)) { depth++; i += 2; } else if (text.startsWith("*/", i)) { depth--; i += 2; } else i++;
  }
  return depth === 0 ? i : -1;
}

class Reader {
  constructor(text) { this.text = text; this.memo = new Map(); this.farthest = 0; }

  /** Longest end of a token's rule, -1 where it is not there. */
  lex(rule, at) {
    switch (rule.type) {
      case "STRING": return this.text.startsWith(rule.value, at) ? at + rule.value.length : -1;
      case "PATTERN": rule.value.lastIndex = at; { const m = rule.value.exec(this.text); return m ? at + m[0].length : -1; }
      case "SEQ": return rule.parts.reduce((p, r) => (p < 0 ? p : this.lex(r, p)), at);
      case "CHOICE": return Math.max(...rule.parts.map((r) => this.lex(r, at)));
      case "REPEAT": { let p = at, n = 0; for (;;) { const q = this.lex(rule.inner, p); if (q <= p) break; p = q; n++; } return n >= rule.least ? p : -1; }
      case "TOKEN": return this.lex(rule.inner, at);
      case "BLANK": return at;
      default: throw new Error("no token: " + rule.type);
    }
  }

  /** Past spaces and comments; comments are nodes. */
  skip(at) {
    const nodes = [];
    for (let moved = true; moved; ) {
      moved = false;
      for (const extra of extras) {
        let end, name;
        if (extra.type === "SYMBOL") { name = extra.name; end = external.has(name) ? blockComment(this.text, at) : this.lex(rules[name], at); } else end = this.lex(extra, at);
        if (end > at) { if (name) nodes.push({ name, children: [] }); at = end; moved = true; }
      }
    }
    return { at, nodes };
  }

  /** A token with what stands before it. */
  token(rule, at, immediate) {
    const lead = immediate ? { at, nodes: [] } : this.skip(at);
    const end = this.lex(rule, lead.at);
    this.farthest = Math.max(this.farthest, lead.at);
    if (end < 0) return [];
    // A word is taken whole: `from` does not begin `fromage`; the longest of two tokens wins: `+-` before `+`.
    if (rule.type === "STRING" && /^\p{Alphabetic}/u.test(rule.value) && this.lex(wordRule, lead.at) !== end) return [];
    if (rule.type === "STRING" && (rule.value === "+" || rule.value === "-") && (this.text.startsWith("+-", lead.at) || this.lex(rules.number, lead.at) > end)) return [];
    return [{ end, nodes: lead.nodes }];
  }

  parse(rule, at) {
    switch (rule.type) {
      case "BLANK": return [{ end: at, nodes: [] }];
      case "STRING": case "PATTERN": return this.token(rule, at, false);
      case "TOKEN": return this.token(rule.inner, at, rule.immediate);
      case "SEQ": {
        let ways = [{ end: at, nodes: [] }];
        for (const part of rule.parts) {
          const next = new Map();
          for (const way of ways) for (const more of this.parse(part, way.end)) if (!next.has(more.end)) next.set(more.end, { end: more.end, nodes: [...way.nodes, ...more.nodes] });
          ways = [...next.values()];
        }
        return ways;
      }
      case "CHOICE": {
        const all = new Map();
        for (const part of rule.parts) for (const way of this.parse(part, at)) if (!all.has(way.end)) all.set(way.end, way);
        return [...all.values()];
      }
      case "REPEAT": {
        const all = new Map();
        let open = [{ end: at, nodes: [], count: 0 }];
        if (rule.least === 0) all.set(at, open[0]);
        while (open.length) {
          const way = open.pop();
          for (const more of this.parse(rule.inner, way.end)) {
            if (more.end === way.end || all.has(more.end)) continue;
            const made = { end: more.end, nodes: [...way.nodes, ...more.nodes] };
            all.set(more.end, made);
            open.push(made);
          }
        }
        return [...all.values()];
      }
      case "ALIAS": return this.parse(rule.inner, at).map((way) => {
        // The comments before a token stay outside of the renamed node.
        const lead = way.nodes.filter((n) => n.name.endsWith("_comment")), rest = way.nodes.filter((n) => !n.name.endsWith("_comment"));
        const inner = rest.length === 1 && rest[0].isToken ? [] : rest.flatMap((n) => (n.isToken ? [] : [n]));
        return { end: way.end, nodes: [...lead, { name: rule.name, children: inner, isToken: true }] };
      });
      case "SYMBOL": {
        const key = rule.name + "\0" + at;
        const known = this.memo.get(key);
        if (known) return known;
        this.memo.set(key, []);
        if (external.has(rule.name)) {
          // The text of a string, where nothing is a comment.
          const end = at + this.text.slice(at).match(/^[^"\\\n]*/)[0].length;
          const ways = end > at ? [{ end, nodes: [{ name: rule.name, children: [], isToken: true }] }] : [];
          this.memo.set(key, ways);
          return ways;
        }
        const isToken = ["TOKEN", "PATTERN", "STRING"].includes(rules[rule.name].type);
        const ways = this.parse(rules[rule.name], at).map((way) => {
          if (rule.name.startsWith("_")) return way;
          if (isToken) return { end: way.end, nodes: [...way.nodes, { name: rule.name, children: [], isToken: true }] };
          return { end: way.end, nodes: [{ name: rule.name, children: way.nodes }] };
        });
        this.memo.set(key, ways);
        return ways;
      }
      default: throw new Error(rule.type);
    }
  }

  /** The tree of a whole text, or where it breaks off. */
  whole() {
    for (const way of this.parse({ type: "SYMBOL", name: start }, 0)) {
      const rest = this.skip(way.end);
      if (rest.at === this.text.length) {
        way.nodes[0].children.push(...rest.nodes);
        return { tree: way.nodes[0] };
      }
    }
    const line = this.text.slice(0, this.farthest).split("\n").length;
    return { error: `line ${line}: ${JSON.stringify(this.text.slice(this.farthest, this.farthest + 30))}` };
  }
}
const read = (text) => new Reader(text).whole();
const show = (node) => "(" + [node.name, ...node.children.map(show)].join(" ") + ")";

// ---- LALR(1) ----

/** Conflicts of the rules as productions; `settled` are productions whose own precedence takes the shift. */
function conflicts(settled) {
  const productions = [];
  const terminals = new Set();
  let made = 0;
  const flat = (rule) => {
    switch (rule.type) {
      case "BLANK": return [[]];
      case "STRING": case "PATTERN": case "TOKEN": { const name = "t:" + JSON.stringify(rule, (_, v) => (v instanceof RegExp ? v.source : v)); terminals.add(name); return [[name]]; }
      case "SYMBOL":
        if (external.has(rule.name) || ["TOKEN", "PATTERN", "STRING"].includes(rules[rule.name].type)) { terminals.add("t:" + rule.name); return [["t:" + rule.name]]; }
        return [[rule.name]];
      case "ALIAS": return flat(rule.inner);
      case "SEQ": return rule.parts.reduce((all, part) => { const more = flat(part); return all.flatMap((a) => more.map((b) => [...a, ...b])); }, [[]]);
      case "CHOICE": return rule.parts.flatMap(flat);
      case "REPEAT": {
        const name = "repeat" + made++;
        for (const way of flat(rule.inner)) productions.push([name, [name, ...way]], [name, way]);
        return rule.least === 0 ? [[], [name]] : [[name]];
      }
      default: throw new Error(rule.type);
    }
  };
  for (const [name, rule] of Object.entries(rules)) {
    if (["TOKEN", "PATTERN", "STRING"].includes(rule.type)) continue;
    const seen = new Set();
    for (const way of flat(rule)) { const key = way.join(" "); if (!seen.has(key)) { seen.add(key); productions.push([name, way]); } }
  }
  productions.unshift(["'", [start]]);
  const by = new Map();
  productions.forEach(([left], i) => by.set(left, [...(by.get(left) ?? []), i]));
  const isEnd = (s) => !by.has(s);
  const first = new Map([...by.keys()].map((k) => [k, new Set()])), empty = new Set();
  for (let moved = true; moved; ) {
    moved = false;
    for (const [left, right] of productions) {
      const set = first.get(left), before = set.size + empty.size;
      let all = true;
      for (const s of right) {
        if (isEnd(s)) set.add(s); else for (const t of first.get(s)) set.add(t);
        if (isEnd(s) || !empty.has(s)) { all = false; break; }
      }
      if (all) empty.add(left);
      if (set.size + empty.size !== before) moved = true;
    }
  }
  const firstOf = (list, follow) => {
    const out = new Set();
    for (const s of list) { if (isEnd(s)) { out.add(s); return out; } for (const t of first.get(s)) out.add(t); if (!empty.has(s)) return out; }
    for (const t of follow) out.add(t);
    return out;
  };
  // Canonical LR(1): items are "production.dot" with their look-ahead sets.
  const close = (kernel) => {
    const items = new Map([...kernel].map(([k, v]) => [k, new Set(v)]));
    const open = [...items.keys()];
    while (open.length) {
      const key = open.pop(), [p, dot] = key.split(".").map(Number), right = productions[p][1], next = right[dot];
      if (next === undefined || isEnd(next)) continue;
      const ahead = firstOf(right.slice(dot + 1), items.get(key));
      for (const q of by.get(next)) {
        const inner = q + ".0";
        if (!items.has(inner)) items.set(inner, new Set());
        const set = items.get(inner), before = set.size;
        for (const t of ahead) set.add(t);
        if (set.size !== before || before === 0) open.push(inner);
      }
    }
    return items;
  };
  const write = (items) => [...items].map(([k, v]) => k + ":" + [...v].sort().join(",")).sort().join("|");
  const begin = close(new Map([["0.0", new Set(["$"])]]));
  const states = new Map([[write(begin), begin]]), open = [begin], found = new Set();
  while (open.length) {
    const items = open.pop(), moves = new Map(), shifts = new Set(), reduces = new Map();
    for (const [key, ahead] of items) {
      const [p, dot] = key.split(".").map(Number), next = productions[p][1][dot];
      if (next === undefined) {
        for (const t of ahead) {
          if (reduces.has(t)) found.add(`reduce ${productions[p][0]} or ${productions[reduces.get(t)][0]} before ${t}`);
          reduces.set(t, p);
        }
      } else {
        if (isEnd(next)) shifts.add(next);
        if (!moves.has(next)) moves.set(next, new Map());
        moves.get(next).set(`${p}.${dot + 1}`, ahead);
      }
    }
    for (const [t, p] of reduces) if (shifts.has(t) && !settled.includes(productions[p][0])) found.add(`shift ${t} or reduce ${productions[p][0]}`);
    for (const kernel of moves.values()) {
      const next = close(kernel), key = write(next);
      if (!states.has(key)) { states.set(key, next); open.push(next); }
    }
    if (states.size > 20000) { found.add("too many states"); break; }
  }
  return { found: [...found], states: states.size };
}

// ---- the checks ----
if (process.argv.length > 2) {
  for (const file of process.argv.slice(2)) {
    const found = read(fs.readFileSync(file, "utf8"));
    console.log(found.tree ? show(found.tree) : `${file}: ${found.error}`);
    if (!found.tree) process.exitCode = 1;
  }
} else {
  let passed = 0, failed = 0;
  const expect = (what, good, words = "") => { if (good) passed++; else { failed++; console.log(`failed: ${what} ${words}`); } };

  for (const file of fs.readdirSync(path.join(here, "test/corpus")).sort()) {
    const page = fs.readFileSync(path.join(here, "test/corpus", file), "utf8");
    for (const part of page.split(/^={3,}\n(?=.+\n={3,}\n)/m).filter((p) => p.trim())) {
      const [, name, body] = part.match(/^(.+)\n={3,}\n([\s\S]*)$/) ?? [];
      const [text, tree] = body.split(/^---\n/m);
      const found = read(text.replace(/^\n/, ""));
      const wanted = tree.replace(/\s+/g, " ").replace(/ \)/g, ")").replace(/\( /g, "(").trim();
      expect(`${file}: ${name}`, found.tree && show(found.tree) === wanted, `\n  wanted ${wanted}\n  found  ${found.tree ? show(found.tree) : found.error}`);
    }
  }

  // Ids of mistakes that the parser itself finds: such scripts need not be sentences.
  const form = /\/\/ error \S+ (unclosed-|unmatched-|stray-|unexpected-(token|character)|text-after-block|nested-|missing-(space|value)|bad-name|invalid-utf8|unknown-escape|bad-interpolation)/;
  const texts = [];
  for (const file of fs.readdirSync(path.join(here, "../cases")).sort()) {
    if (!file.endsWith(".cases")) continue;
    const parts = fs.readFileSync(path.join(here, "../cases", file), "utf8").split(/^--- (.*) ---$/m);
    for (let i = 1; i + 1 < parts.length; i += 2) texts.push([`${file}: ${parts[i]}`, parts[i + 1]]);
  }
  for (const file of fs.readdirSync(path.join(here, "../../scenes")).sort()) if (file.endsWith(".scene")) texts.push([file, fs.readFileSync(path.join(here, "../../scenes", file), "utf8")]);
  for (const [name, text] of texts) {
    if (form.test(text)) continue;
    const found = read(text);
    expect(name, Boolean(found.tree), found.error);
  }
  expect("there are scripts", texts.length > 20);

  for (const text of ['shot for 2s { background black', 'shot } {', 'title "open', '= 3', 'a b) c', 'x /* never /* ends */', 'shot for 2s { } title "x"', 'name . dot', 'curve c { at bezier(1, 2 }', '"text"'])
    expect(`not a sentence: ${text}`, !read(text).tree);

  // A comma takes the line ends behind it (prec.right).
  const lr = conflicts(["separator"]);
  expect("the rules have no conflict", lr.found.length === 0, lr.found.join("; "));
  expect("without precedence a comma has one", conflicts([]).found.length > 0);

  expect("a comment in a string is text", show(read('title "/* a */ // b"').tree ?? { name: "?", children: [] }) === "(source_file (clause (keyword) (string (string_content))))");

  const ebnf = fs.readFileSync(path.join(here, "../scene.ebnf"), "utf8");
  const clauses = new Set();
  // A clause's word opens an alternative of a production whose name ends in `clause`, `statement`, `layer` or `asset`.
  for (const production of ebnf.replace(/^\/\/.*$/gm, "").matchAll(/^([a-z-]+) = ([\s\S]*?) \.$/gm)) {
    if (!/clause$|^(asset|scene|import|param|path|blink|curve|style|shot|transition|output|background|picture|title|captions|sound|actor|footage|dub|pose|blinks|performs|fade|fit)$/.test(production[1])) continue;
    let depth = 0;
    for (const alternative of production[2].split(/(\s\|\s|[()[\]{}])/).reduce((list, piece) => {
      if (/^[([{]$/.test(piece)) depth++;
      if (/^[)\]}]$/.test(piece)) depth--;
      if (/^\s\|\s$/.test(piece) && depth === 0) list.push(""); else list[list.length - 1] += piece;
      return list;
    }, [""])) {
      const word = alternative.trim().match(/^"([a-z-]+)"/);
      if (word) clauses.add(word[1]);
    }
  }
  const highlights = fs.readFileSync(path.join(here, "queries/highlights.scm"), "utf8");
  const known = new Set([...highlights.matchAll(/"([a-z-]+)"/g)].map((m) => m[1]));
  for (const word of clauses) expect(`highlights.scm knows ${word}`, known.has(word));
  expect("the manual has clauses", clauses.size > 60, String(clauses.size));

  console.log(`${passed} passed, ${failed} failed`);
  if (failed) process.exitCode = 1;
}
