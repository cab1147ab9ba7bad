/** A model as /api/tags, /api/ps and /api/show describe it. */
import { isoOrNow } from './memory.ts'
import type { Runner } from './memory.ts'
import { DEFAULT_NUM_CTX } from './models.ts'
import type { Model } from './models.ts'
import { has } from './versions.ts'

interface Shape {
  blocks: number
  embedding: number
  heads: number
  kvHeads: number
  feedForward: number
  vocabulary: number
  norms: readonly string[]
}

const LLAMA_NORMS = ['attn_norm', 'ffn_norm'] as const
const GEMMA_NORMS = [
  'attn_k_norm',
  'attn_norm',
  'attn_q_norm',
  'ffn_norm',
  'post_attention_norm',
  'post_ffw_norm',
] as const
const MATRICES = [
  'attn_k',
  'attn_output',
  'attn_q',
  'attn_v',
  'ffn_down',
  'ffn_gate',
  'ffn_up',
] as const

const SHAPES = {
  gemma3: {
    blocks: 18,
    embedding: 640,
    heads: 4,
    kvHeads: 1,
    feedForward: 2048,
    vocabulary: 262_144,
    norms: GEMMA_NORMS,
  },
  gptoss: {
    blocks: 36,
    embedding: 2880,
    heads: 64,
    kvHeads: 8,
    feedForward: 2880,
    vocabulary: 201_088,
    norms: LLAMA_NORMS,
  },
  llama: {
    blocks: 32,
    embedding: 4096,
    heads: 32,
    kvHeads: 8,
    feedForward: 14_336,
    vocabulary: 32_768,
    norms: LLAMA_NORMS,
  },
} as const satisfies Record<string, Shape>

const shapeOf = (family: string): Shape =>
  SHAPES[family in SHAPES ? (family as keyof typeof SHAPES) : 'llama']

const SCALE = { K: 1e3, M: 1e6, B: 1e9 } as const satisfies Record<string, number>

function parameterCount(text: string): number {
  const [, digits = '0', unit = 'B'] = /^([\d.]+)([KMB])$/.exec(text) ?? []
  return Math.round(Number(digits) * SCALE[unit as keyof typeof SCALE])
}

const blobOf = (model: Model): string => `/home/you/.ollama/models/blobs/sha256-${model.digest}`

function details(model: Model, parent = '') {
  return {
    parent_model: parent,
    format: model.remote ? '' : 'gguf',
    family: model.family,
    families: [model.family],
    parameter_size: model.parameterSize,
    quantization_level: model.quantization,
  }
}

const remoteFields = (model: Model) =>
  model.remote ? { remote_model: model.remote.model, remote_host: model.remote.host } : {}

export function tagsEntry(model: Model, version: string) {
  const rich = has(version, 'tagsCapabilities')
  const lengths = {
    context_length: model.contextLength,
    embedding_length: shapeOf(model.family).embedding,
  }
  return {
    name: model.name,
    model: model.name,
    ...remoteFields(model),
    modified_at: isoOrNow(model),
    size: model.size,
    digest: model.digest,
    details: { ...details(model), ...(rich ? lengths : {}) },
    ...(rich ? { capabilities: model.capabilities } : {}),
  }
}

export function psEntry(runner: Runner, version: string) {
  const { model, numCtx } = runner
  const size = Math.round(model.size * 1.2) + numCtx * 42_000
  return {
    name: model.name,
    model: model.name,
    size,
    digest: model.digest,
    details: details(model),
    expires_at: runner.expiresAt,
    size_vram: Math.round(size * (model.gpuShare ?? 1)),
    ...(has(version, 'contextLengthInPs') ? { context_length: numCtx || DEFAULT_NUM_CTX } : {}),
  }
}

function architectureInfo(model: Model): object {
  const shape = shapeOf(model.family)
  return {
    'attention.head_count': shape.heads,
    'attention.head_count_kv': shape.kvHeads,
    'attention.key_length': 256,
    'attention.layer_norm_rms_epsilon': 0.000001,
    ...(model.family === 'gemma3' ? { 'attention.sliding_window': 512 } : {}),
    'attention.value_length': 256,
    block_count: shape.blocks,
    context_length: model.contextLength,
    embedding_length: shape.embedding,
    feed_forward_length: shape.feedForward,
    ...(model.capabilities.includes('embedding') ? { pooling_type: 1 } : {}),
    'rope.freq_base': 1_000_000,
  }
}

const TOKENIZER = {
  add_bos_token: true,
  add_eos_token: false,
  add_sep_token: false,
  add_space_prefix: false,
  bos_token_id: 2,
  eos_token_id: 1,
  model: 'llama',
  padding_token_id: 0,
  pre: 'default',
  scores: null,
  token_type: null,
  tokens: null,
  unknown_token_id: 3,
} as const

function prefixed(prefix: string, values: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [`${prefix}.${key}`, value]),
  )
}

function generalInfo(model: Model): object {
  return {
    architecture: model.family,
    basename: model.family === 'gemma3' ? 'gemma-3' : model.name.split(':')[0],
    file_type: 15,
    license: model.family,
    parameter_count: parameterCount(model.parameterSize),
    quantization_version: 2,
    size_label: model.parameterSize,
    tags: null,
    type: 'model',
  }
}

function modelInfo(model: Model): Record<string, unknown> {
  const lengths = {
    context_length: model.contextLength,
    embedding_length: shapeOf(model.family).embedding,
  }
  if (model.remote)
    return { 'general.architecture': model.family, ...prefixed(model.family, lengths) }
  return {
    ...prefixed(model.family, architectureInfo(model)),
    ...prefixed('general', generalInfo(model)),
    ...prefixed('tokenizer.ggml', TOKENIZER),
  }
}

function tensors(model: Model): object[] {
  const { blocks, embedding, feedForward, vocabulary, norms } = shapeOf(model.family)
  const block = (index: number) => [
    ...MATRICES.map((name) => ({
      name: `blk.${index}.${name}.weight`,
      type: model.quantization,
      shape: [embedding, name.startsWith('ffn') ? feedForward : embedding],
    })),
    ...norms.map((name) => ({
      name: `blk.${index}.${name}.weight`,
      type: 'F32',
      shape: [embedding],
    })),
  ]
  const outer = [
    { name: 'output_norm.weight', type: 'F32', shape: [embedding] },
    { name: 'token_embd.weight', type: 'Q8_0', shape: [embedding, vocabulary] },
  ]
  const dense = model.capabilities.includes('embedding')
    ? [0, 1].map((index) => ({
        name: `dense.${index}.weight`,
        type: 'F32',
        shape: [embedding, embedding],
      }))
    : []
  return [...outer, ...dense, ...Array.from({ length: blocks }, (_, index) => block(index)).flat()]
}

const quoted = (value: string | number): string =>
  typeof value === 'string' ? `"${value}"` : String(value)

function modelfile(model: Model, template: string): string {
  const parameters = Object.entries(model.parameters ?? {}).map(
    ([key, value]) => `PARAMETER ${key} ${value}\n`,
  )
  const messages = (model.messages ?? []).map(({ role, content }) => `MESSAGE ${role} ${content}\n`)
  const system = model.system ? [`SYSTEM ${model.system}\n`] : []
  const from = model.remote ? '' : blobOf(model)
  const head = `# Modelfile generated by "ollama show"\n# To build a new Modelfile based on this, replace FROM with:\n# FROM ${model.name}\n\n`
  return `${head}FROM ${from}\nTEMPLATE ${template}\n${[...system, ...parameters, ...messages].join('')}`
}

export function showAnswer(model: Model, version: string): Record<string, unknown> {
  const template = '{{ .Prompt }}'
  const parameters = Object.entries(model.parameters ?? {}).map(
    ([key, value]) => key.padEnd(31) + quoted(value),
  )
  return {
    modelfile: modelfile(model, template),
    ...(parameters.length > 0 ? { parameters: parameters.join('\n') } : {}),
    template,
    ...(model.system ? { system: model.system } : {}),
    details: details(model, model.remote ? '' : blobOf(model)),
    ...(model.messages ? { messages: model.messages } : {}),
    ...remoteFields(model),
    ...(has(version, 'modelInfo') ? { model_info: modelInfo(model) } : {}),
    ...(has(version, 'modelInfo') && !model.remote ? { tensors: tensors(model) } : {}),
    ...(has(version, 'capabilities') ? { capabilities: model.capabilities } : {}),
    modified_at: isoOrNow(model),
  }
}
