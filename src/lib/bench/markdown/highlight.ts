import bash from 'highlight.js/lib/languages/bash'
import c from 'highlight.js/lib/languages/cpp'
import css from 'highlight.js/lib/languages/css'
import diff from 'highlight.js/lib/languages/diff'
import go from 'highlight.js/lib/languages/go'
import java from 'highlight.js/lib/languages/java'
import json from 'highlight.js/lib/languages/json'
import python from 'highlight.js/lib/languages/python'
import rust from 'highlight.js/lib/languages/rust'
import sql from 'highlight.js/lib/languages/sql'
import typescript from 'highlight.js/lib/languages/typescript'
import xml from 'highlight.js/lib/languages/xml'
import yaml from 'highlight.js/lib/languages/yaml'
import { createLowlight } from 'lowlight'

/** A stretch of code and the class that colours it. */
export interface Stretch {
  text: string
  tone: Tone
}

type Tone = 'k' | 't' | 'c' | 'n' | ''

const lowlight = createLowlight({
  bash,
  c,
  css,
  diff,
  go,
  java,
  json,
  python,
  rust,
  sql,
  typescript,
  xml,
  yaml,
})
lowlight.registerAlias({
  typescript: ['js', 'jsx', 'javascript', 'ts', 'tsx', 'mjs'],
  c: ['cpp', 'h', 'c++'],
})

/** Scopes that are not listed have no colour. */
const TONES: Readonly<Record<string, Tone>> = {
  keyword: 'k',
  built_in: 'k',
  type: 'k',
  tag: 'k',
  name: 'k',
  'selector-tag': 'k',
  string: 't',
  regexp: 't',
  addition: 't',
  comment: 'c',
  quote: 'c',
  deletion: 'c',
  meta: 'c',
  number: 'n',
  literal: 'n',
  symbol: 'n',
  attr: 'n',
  attribute: 'n',
}

type Nodes = ReturnType<typeof lowlight.highlight>['children']

/** Splits code into coloured stretches; `null` for an unknown language. */
export function highlight(code: string, language: string): Stretch[] | null {
  if (!lowlight.registered(language)) return null
  const stretches: Stretch[] = []
  const add = (nodes: Nodes, tone: Tone) => {
    for (const node of nodes) {
      if (node.type === 'element') add(node.children, toneOf(node.properties.className) ?? tone)
      else if (node.type === 'text') append(stretches, node.value, tone)
    }
  }
  add(lowlight.highlight(language, code).children, '')
  return stretches
}

/** Merges neighbours of the same colour, for fewer nodes in the page. */
function append(stretches: Stretch[], text: string, tone: Tone) {
  const last = stretches.at(-1)
  if (last?.tone === tone) last.text += text
  else stretches.push({ text, tone })
}

const toneOf = (classes: unknown): Tone | undefined =>
  Array.isArray(classes) ? TONES[String(classes[0]).replace(/^hljs-/, '')] : undefined
